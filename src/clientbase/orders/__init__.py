"""Orders with their statuses, products and groups of products."""
