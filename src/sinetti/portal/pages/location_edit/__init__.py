"""What of a location is changed at once."""
