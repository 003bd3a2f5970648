"""Technique without domain: database, problems, settings, languages, logs, metrics. Knows no packs."""
