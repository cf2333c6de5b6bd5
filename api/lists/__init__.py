"""Lists: which rows, in which order, and in which pages."""
