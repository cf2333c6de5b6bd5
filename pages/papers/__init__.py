"""Documents to hand in: what pages show, as Word and PDF files."""
