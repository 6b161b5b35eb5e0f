"""Clients: fields, contacts, params, identities, counted fields, history."""
