"""Alert management: from an alert to its cause."""
