"""What people's words and proven events teach: chances, thresholds, gates, and what must not get worse.

Takes: graded frames, margins, scores, budgets.
Gives: calibrations, thresholds to suggest, bars for the gate, verdicts on a version of a rule.
Knows nothing about: who said it, models, the database."""
