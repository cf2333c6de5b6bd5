"""Filling a ledger: with the data that comes with it, or with synthetic projects."""
