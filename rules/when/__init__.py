"""Every time in a sentence: when a rule watches, how long, how often, in which order.

Takes: a sentence.
Gives: windows, durations, cooldowns, cadences, both halves of "A, then B"; the sentence without them.
Knows nothing about: the present, time zones, what is looked for."""
