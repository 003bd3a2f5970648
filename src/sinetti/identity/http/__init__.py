"""The token endpoint, and how other routes learn who calls them."""
