"""From camera URLs to keyframes on the bus: sources, gate, scene history, leases.

Takes: the site (cameras with sealed credentials) and `probe` jobs, both through Redis.
Gives: Keyframe and Unchanged on the frame bus, CameraHealth on the board, every drop counted with its reason.
Knows nothing about: rules, models, the database."""
