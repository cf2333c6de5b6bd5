"""Reading spreadsheets as people have them: bytes to rows of texts, and which column is which.

Knows no model. `files.read_table` is the entry point.
"""
