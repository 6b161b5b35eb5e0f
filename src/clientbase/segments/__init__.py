"""Segments: their definitions, their members and how these are kept true."""
