"""Applications: for a new location, a change of contract, closing a location, and a change of IT system."""
