"""Django's backend for PostgreSQL, whose commits do not wait for a standby without end."""
