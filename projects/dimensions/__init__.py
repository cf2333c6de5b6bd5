"""What projects are counted by, each of which is a filter, too."""
