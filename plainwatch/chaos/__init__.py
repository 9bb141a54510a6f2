"""A whole site under fire: every process killed, everything around it broken, and then the books are checked.

Takes: a number of rounds and a seed.
Gives: what was acknowledged, delivered, sent twice, lost; every frame accounted for.
Knows nothing about: how the services survive it."""
