"""What words mean, in any sentence: languages, numbers, names, things, verbs, and what no picture can show.

Takes: text.
Gives: patterns, values and labels; a sentence without what no picture shows.
Knows nothing about: plans, engines, time."""
