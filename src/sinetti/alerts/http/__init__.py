"""Routes of the interface to alerts: authenticate, decode, call one use case, render."""
