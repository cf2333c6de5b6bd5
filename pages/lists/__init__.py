"""The pages of lists: their forms and conditions, and the blocks in which other pages show them."""
