"""The start page: what is waiting for whoever has signed in."""
