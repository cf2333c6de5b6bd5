"""The OpenAPI document of the API, and the addresses where it is read."""
