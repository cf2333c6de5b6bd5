"""One module a kind of measurement; each adds its facts to the results."""
