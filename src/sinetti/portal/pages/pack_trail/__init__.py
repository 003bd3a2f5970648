"""The trail of one pack, read on a ground that is recorded first."""
