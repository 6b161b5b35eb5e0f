"""The card of a client: everything that they ever did, on one line of time."""
