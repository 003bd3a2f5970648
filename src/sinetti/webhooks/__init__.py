"""Telling other systems what happened: messages to an organisation, signed and sent until they arrive, or fetched."""
