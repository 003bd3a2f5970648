"""Alerts: the list, and the page where each party sees what it may see and does its part."""
