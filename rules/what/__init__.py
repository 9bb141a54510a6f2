"""What to look for: clauses with their yes and no, and what the edge engine can answer of them.

Takes: what is left of a sentence without its times.
Gives: a Condition, counts, questions in words, predicates.
Knows nothing about: time, plans, what becomes of an answer."""
