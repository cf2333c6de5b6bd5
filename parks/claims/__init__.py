"""The REST API of claims, indicators, timelines and people."""
