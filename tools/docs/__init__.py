"""The programs that write into docs/: tables from the code, pictures from a running ledger."""
