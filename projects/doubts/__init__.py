"""Doubts: what is improbable, or may be there already, is asked about once before it is written."""
