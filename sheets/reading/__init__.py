"""Read spreadsheets: bytes to rows of texts, and which column is which."""
