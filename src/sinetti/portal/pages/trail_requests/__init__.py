"""Requests to operators of other countries for their part of a pack's trail, in the case of an alert."""
