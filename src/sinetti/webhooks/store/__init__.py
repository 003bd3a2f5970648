"""Endpoints, messages and deliveries in the database."""
