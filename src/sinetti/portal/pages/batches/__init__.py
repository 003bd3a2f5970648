"""Whether a batch was uploaded, when, how many packs, and with which expiry."""
