"""How much one client may ask, and for how long."""
