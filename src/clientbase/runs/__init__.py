"""Runs of long work: the table that says what is to be done, by whom, and how far it is."""
