"""The mail of a demo, for whoever tries it."""
