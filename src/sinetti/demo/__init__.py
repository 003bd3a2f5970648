"""A made-up country to try everything in: companies, pharmacies, packs, their history, and what to scan."""
