"""What law and the operator decide, as tables and texts that a domain expert can review."""
