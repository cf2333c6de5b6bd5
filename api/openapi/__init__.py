"""The OpenAPI document of the API, and the URLs where it is read."""
