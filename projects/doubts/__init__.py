"""Doubts: what is improbable or doubled is asked about before it is written, and asked once."""
