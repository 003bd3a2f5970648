"""The audit page: what was done, by whom, to what."""
