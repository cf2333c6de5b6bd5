"""Messages to mail, robots and webhooks: a queue of deliveries, and safe requests."""
