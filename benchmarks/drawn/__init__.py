"""The benchmark whose questions are drawn from a seed, over the whole grammar of API and pages."""
