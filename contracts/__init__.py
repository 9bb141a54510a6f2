"""What crosses a process boundary: messages, plans, the frame bus, jobs, the site, settings, errors.

Takes: nothing of ours.
Gives: the words that every other room speaks.
Knows nothing about: cameras, models, databases, HTTP."""
