"""The trail of an alert's pack, read on the ground of the alert."""
