"""What is remembered: versions of rows, the feed of changes, and the proof that both are whole."""
