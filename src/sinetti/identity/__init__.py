"""Who is calling: organisations, their locations, the client equipment of each, and its access tokens."""
