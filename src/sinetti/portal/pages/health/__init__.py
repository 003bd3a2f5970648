"""Whether the portal is there and can serve."""
