"""Record writes as revisions, with versions, changes and seals."""
