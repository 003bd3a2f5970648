"""A link for whoever has forgotten the password."""
