"""Client equipment across the country: found by id, name and software; software in use."""
