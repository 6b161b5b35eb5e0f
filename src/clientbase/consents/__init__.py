"""Consents: what a client agreed to or withdrew, when, where and to which text."""
