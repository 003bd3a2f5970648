"""The queue of mail in the database."""
