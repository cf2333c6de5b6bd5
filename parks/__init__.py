"""Parks, vocabularies, organisations, sources and claims; access, accounts and history."""
