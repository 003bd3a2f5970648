"""The link that an invitation brings."""
