"""Makes what was asked for, in a worker: a module for each report."""
