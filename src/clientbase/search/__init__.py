"""Search: the catalogue of an account, the one evaluator of filters, pages and counts of clients."""
