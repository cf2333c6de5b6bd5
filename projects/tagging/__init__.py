"""Tags of projects and of those who invest in them: what lists are filtered and counted by."""
