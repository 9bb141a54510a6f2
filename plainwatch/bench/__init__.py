"""Measuring this machine: `plainwatch bench`.

Takes: a shape of a model, numbers of rules.
Gives: what a frame costs, measured, beside what arithmetic says it should cost.
Knows nothing about: cameras, servers, and our other dependencies: where only torch and transformers are installed,
`python -m plainwatch.bench` runs."""
