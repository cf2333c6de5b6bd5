"""The site, and what both apps stand on; imports nothing of parks or projects."""

__version__ = "1.1.0"
