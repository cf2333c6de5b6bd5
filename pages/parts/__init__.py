"""What pages are made of: blocks, tables, numbers, claims in words, pictures."""
