"""The contract that every REST resource keeps; it knows no park and no project."""
