"""Backups: copies of the whole database made while it is in use, and databases made of them."""
