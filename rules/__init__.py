"""The room of meaning: plain language becomes a plan, answers over time become incidents.

Takes: a sentence and the names of the site's cameras and zones; later, answers of an engine with their capture times.
Gives: `compile_rule` (RulePlan with lint), `asked_questions`, `judge` (one frame) and `step`/`tick` (over time).
Knows nothing about: files, networks, Redis, databases, models, pictures, clocks. Every function here is pure.

Its rooms, from the ground up; each imports only from floors below its own:
`words`; `what`, `when`, `asking` and `tracks`; `incidents`; `plan` and `learning`."""
