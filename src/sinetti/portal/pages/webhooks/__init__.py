"""Endpoints of webhooks: addresses that messages are sent to, their secrets, and what became of each message."""
