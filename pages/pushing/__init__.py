"""What is sent to subscribers or fetched by their programs: messages, calendars, news."""
