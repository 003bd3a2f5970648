"""What becomes of a request to hold a batch, and who sees what of it. Pure."""
