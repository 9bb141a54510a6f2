"""One module per resource: each route reads its body, calls the store, and answers.

Takes: requests that the gate let through.
Gives: routers for api.app.
Knows nothing about: how a key is checked, how a problem is written."""
