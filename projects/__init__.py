"""Projects and events that are signed or intended, and what is computed from them."""
