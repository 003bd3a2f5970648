"""SQL of the national system. Only this part's use cases import it."""
