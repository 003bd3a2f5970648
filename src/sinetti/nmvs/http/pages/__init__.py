"""Pages that everyone may read, rendered on the server: what the interface is, and what its codes mean."""
