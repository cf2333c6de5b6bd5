"""The contract that every REST resource keeps: strictness, problems, pages, schema."""
