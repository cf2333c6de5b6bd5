"""Signing in, tokens, passwords, OpenID Connect, and the end of letters."""
