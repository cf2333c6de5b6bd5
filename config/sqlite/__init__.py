"""Django's backend for SQLite, with connections that are kept from request to request."""
