"""Benchmarks of Sinetti, each with its limit measured beside it in the same run: `make bench`."""
