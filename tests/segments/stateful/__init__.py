"""A shop in which anything happens, and whose segments are always true."""
