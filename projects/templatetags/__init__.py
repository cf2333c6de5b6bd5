"""What templates of the admin ask for themselves."""
