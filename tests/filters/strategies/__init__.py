"""Seeded random bases and trees, as hostile as real data are."""
