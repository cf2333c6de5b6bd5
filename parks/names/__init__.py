"""Resolve names: regions, sectors, groups, parks and organisations, as people write them."""
