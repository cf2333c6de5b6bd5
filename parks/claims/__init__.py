"""Claims over REST: what sources say that an indicator's value is."""
