"""The password of the accounts that tests make: here, for those who need no model."""

PASSWORD = "a test's password"
