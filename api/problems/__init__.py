"""Errors of requests: found, put as data with their place, and answered as problem+json."""
