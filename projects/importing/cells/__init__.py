"""What the cells of a row mean: columns, words, amounts, investors."""
