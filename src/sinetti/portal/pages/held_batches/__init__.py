"""Batches that a distributor is asked to hold: its answers."""
