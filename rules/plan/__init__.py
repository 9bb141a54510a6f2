"""A sentence becomes a plan, by our grammar or as a language model proposes it; and the plan is said back.

Takes: the sentence, the site's camera and zone names, the workers' capabilities; the JSON that a model wrote.
Gives: a RulePlan with its lint, its summary, and who can answer it.
Knows nothing about: answers, incidents, models, the database."""
