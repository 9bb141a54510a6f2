"""Answers become incidents: one frame is judged, then the machine takes it on in time.

Takes: a plan as one camera runs it, the answers of its frames, the passing of time.
Gives: judgements, the changes opened, updated and ended, and why it was so.
Knows nothing about: sentences, engines, the database, clocks."""
