"""Reports for the authority: shown, and taken out as data, each with the purpose recorded."""
