"""People: who may sign in to the portal, as what, and how a session knows them."""
