"""SQL of reports: requests and their content, and what is read from the record and other tables."""
