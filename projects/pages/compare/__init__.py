"""What is set side by side: parks, regions, years, moments."""
