"""Signing in, tokens, passwords, OpenID Connect and reminders."""
