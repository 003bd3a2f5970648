"""Which notices somebody gets by mail, and how soon."""
