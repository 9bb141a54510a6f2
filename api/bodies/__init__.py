"""What goes in and out over HTTP, as pydantic models; one module per resource.

Takes: JSON.
Gives: checked values, and the JSON schemas and examples of the OpenAPI document.
Knows nothing about: the database, Redis."""
