"""From alert to cause: what became of alerts, why they were raised, and who does what about them."""
