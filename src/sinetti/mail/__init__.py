"""Mail to people: queued in a transaction, sent by a worker to a mail server, or laid into a folder."""
