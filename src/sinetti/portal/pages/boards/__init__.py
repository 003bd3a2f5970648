"""Boards of alerts for the operator: what many of them have in common, and what waits."""
