"""The room of consequences: answers become incidents, incidents become signed webhooks with evidence.

Takes: the answer stream, ingest's word on cameras, the rules and endpoints in the database.
Gives: incidents, evidence pictures and deliveries, committed together; then the deliveries themselves.
Knows nothing about: camera addresses, video, models."""
