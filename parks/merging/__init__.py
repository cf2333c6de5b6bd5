"""Merge a row into another, undo a merge, and find duplicates."""
