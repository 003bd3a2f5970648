"""Checks of legitimacy: which are due, what was checked and how, and recording one."""
