"""How far projects are: the words for it, and the rule that derives it from milestones."""
