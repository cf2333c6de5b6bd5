"""Lists and computed answers as files."""
