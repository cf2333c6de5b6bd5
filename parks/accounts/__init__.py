"""Who signs in, and how often somebody may fail to."""
