"""What a team builds first: stock Django REST framework over the same tables."""
