"""Why an alert was raised: facts in, ranked hypotheses out. Pure: no input or output, no clock (docs/adr/0013)."""
