"""How far projects are: what milestones imply, and what is due, silent or not known yet."""
