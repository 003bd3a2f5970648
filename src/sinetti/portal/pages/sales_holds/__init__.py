"""Requests of companies to hold a batch: made, seen with what distributors answer, lifted."""
