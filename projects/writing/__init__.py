"""Writing projects: one revision, whatever the entry point, and the doubts before it."""
