"""Actions: what clients did, beside orders, and the account's own types of them."""
