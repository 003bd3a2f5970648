"""Locking and unlocking organisations and locations, with a reason that their people read."""
