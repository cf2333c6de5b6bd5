"""Projects from spreadsheets, with their milestones, investors, amounts and events."""
