"""The admin of projects, of what belongs to them, and of signing events."""

from projects.admin import events, fundings, imports, mappings, projects, targets

__all__ = ["events", "fundings", "imports", "mappings", "projects", "targets"]
