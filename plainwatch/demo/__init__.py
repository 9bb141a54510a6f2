"""The main job, shown: a camera, rules, signed webhooks, in one command.

Takes: a source and rules, or nothing.
Gives: progress, a summary, the JSON of the interface, an exit code.
Knows nothing about: how services work; it uses the API as anybody would."""
