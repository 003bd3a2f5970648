"""Notices of companies to the authority and the distribution chain about a falsification."""
