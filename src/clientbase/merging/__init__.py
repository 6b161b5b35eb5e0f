"""Merging and deleting clients: everything that hangs off a client is registered here."""
