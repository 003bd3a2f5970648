"""Shapes on the wire, shared by servers, clients and tests. Unknown fields are ignored when reading."""
