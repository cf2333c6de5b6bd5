"""Targets, and what people who work on a park should look at."""
