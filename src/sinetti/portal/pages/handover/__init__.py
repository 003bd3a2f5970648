"""Handing a client secret to the IT supplier."""
