"""What is due, what is silent, and what is not known yet of the projects of a park."""
