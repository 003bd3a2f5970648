"""Photos of packs: added on an alert's page or by a telephone, and shown beside what was sent."""
