"""The planner's pages: what the API answers, to be looked at, followed and cited."""
