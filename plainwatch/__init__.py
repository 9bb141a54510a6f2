"""The front door: command line, one-machine supervisor, demo, doctor, simulator.

Takes: what a person types.
Gives: running services, answers on the terminal, exit codes.
Knows nothing that others import: nothing imports this room."""
