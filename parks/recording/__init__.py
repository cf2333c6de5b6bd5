"""Writing: what is written together is one revision, with its versions, changes and seals."""
