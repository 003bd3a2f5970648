"""What a Data Matrix says: element strings, IFA messages, identifiers, and the scanner trouble in them."""
