"""What is computed from many projects: totals, facets, cohorts, follow-through."""
