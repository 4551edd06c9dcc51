"""The description of the API (OpenAPI 3.1), made of the routes, schemas, roles and types that serve the requests."""
