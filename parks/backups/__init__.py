"""Backups of the whole database, made while it is in use, and their restoration."""
