"""Stored files: what came in and what goes out, each with a row, bytes and an end."""
