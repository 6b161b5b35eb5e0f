"""Repeatable measurements on the embedded engines: `python -m benchmarks`."""
