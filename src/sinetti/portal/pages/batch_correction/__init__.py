"""The company's correction of a batch that it uploaded with a wrong number or expiry date."""
