"""Recurring work, and what the operator is told about it."""
