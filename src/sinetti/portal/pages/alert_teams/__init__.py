"""Teams of an organisation, which share its alerts out by market."""
