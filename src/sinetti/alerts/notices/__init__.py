"""Handing on what somebody must hear of an alert: to mail, gathered for each person, and to the systems of OBPs."""
