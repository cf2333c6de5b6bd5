"""The site: settings, URLs, server, checks, metrics; imports no other room."""

__version__ = "1.3.0.dev0"
