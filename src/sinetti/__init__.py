"""Sinetti: a national medicines verification system."""

__version__ = "0.1.0"
