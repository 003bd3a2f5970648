"""People who use the portal: their list, each of them, and what is done about them."""
