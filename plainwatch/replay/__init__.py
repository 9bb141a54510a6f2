"""Recorded footage through the same stages as a live camera, in one process and without loss.

Takes: a file, rules, an engine.
Gives: what would have happened, by the clock of the frames.
Knows nothing about: Redis, the database, what is made of the result."""
