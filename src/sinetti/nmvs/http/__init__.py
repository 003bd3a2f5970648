"""Routes of the national system: authenticate, decode, call one use case, render."""
