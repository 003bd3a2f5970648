"""Routes of the interfaces for operators' tools: authenticate, decode, call one use case, render."""
