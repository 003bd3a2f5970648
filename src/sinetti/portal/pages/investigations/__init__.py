"""Requests for investigation: the form with what NMVO-0048 §6.1 demands, and the same as text."""
