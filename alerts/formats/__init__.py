"""Ready formats: our events as chat services, push services and alert managers want them; pure.

Takes: a webhook's body and an endpoint's URL.
Gives: the request to send, and whether an answer means that it was taken.
Knows nothing about: HTTP clients, the database."""
