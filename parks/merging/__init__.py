"""Putting together what is one: a row into another, and apart again while nothing followed."""
