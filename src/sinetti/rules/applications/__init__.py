"""What is a matter of contract with a location, and what becomes of applications for it. Pure."""
