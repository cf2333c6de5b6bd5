"""Versions of rows, the feed of changes, and the verification of both."""
