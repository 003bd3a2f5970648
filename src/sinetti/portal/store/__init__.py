"""SQL of the portal that more than one page uses."""
