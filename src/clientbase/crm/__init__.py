"""Connectors to the systems where companies keep their customers: one port, one module for each."""
