"""The national medicines verification system: verifies and decommissions packs, and keeps the record."""
