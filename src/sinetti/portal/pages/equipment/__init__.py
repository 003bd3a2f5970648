"""Client equipment: added, changed, locked, deleted."""
