"""What the operator announces: on the portal's pages, and in the status of the national system."""
