"""The analyzer: takes frames off the bus, asks an engine what is due for each camera, publishes the answers.

Takes: Keyframe and Unchanged from the bus; the AnalyzerSite.
Gives: Answers, Unchanged, Missed; pinned pictures; Capabilities.
Knows nothing about: camera addresses, the database, webhooks."""
