"""The database below the ORM: the past, prepared and bulk statements, indexes, replicas."""
