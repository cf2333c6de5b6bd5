"""The pages of one row each: a park, a project, an event, an organisation, a region, a source."""
