"""Accounts: whose data it is, and the keys that open it."""
