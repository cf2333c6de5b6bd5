"""What an import asks about before it writes, and what the answers settle."""
