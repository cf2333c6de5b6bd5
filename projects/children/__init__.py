"""The rows that lie below a project or an event: milestones, investors, funds, participations."""
