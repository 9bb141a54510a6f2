"""The HTTP door: resources, keys, live events, health and metrics; and the site as it is published to the workers.

Takes: requests; the database; what the workers say of themselves.
Gives: JSON, problems, events; the site snapshot in Redis.
Knows nothing about: video, models."""
