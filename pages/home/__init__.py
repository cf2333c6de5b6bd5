"""Where a reader begins: the first page, its questions, what words mean, what needs attention."""
