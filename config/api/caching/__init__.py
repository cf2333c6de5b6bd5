"""Entity tags: 304 for what a client has already, 412 for what it has not seen."""
