"""A client of Park Ledger."""

from park_ledger.client import ConflictError, Ledger, LedgerError, Row

__all__ = ["ConflictError", "Ledger", "LedgerError", "Row"]
