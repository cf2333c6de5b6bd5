"""The site, and what both apps stand on; imports nothing of parks or projects."""

__version__ = "0.1.0"
