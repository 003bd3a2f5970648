"""The list of locations, and one location with its client equipment."""
