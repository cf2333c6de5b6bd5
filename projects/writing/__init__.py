"""Writing projects: one revision, whatever the entry point."""
