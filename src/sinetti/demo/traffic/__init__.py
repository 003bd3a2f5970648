"""A believable day of a small country, played against a system, with the truth of each alert written beside."""
