"""The change of IT system of a location: one guided path, and the operator's list of those under way."""
