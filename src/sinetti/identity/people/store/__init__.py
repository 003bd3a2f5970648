"""SQL of people and their sessions."""
