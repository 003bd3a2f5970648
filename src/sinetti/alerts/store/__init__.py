"""SQL of the alert management, beside the modules that run it."""
