"""Announcements: written by the operator, read on every page."""
