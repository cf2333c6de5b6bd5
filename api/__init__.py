"""The contract that every REST resource keeps; it knows none of them."""
