"""Organisations: the operator's list, and the page that each organisation sees of itself."""
