"""clientbase: one base of clients, cut by nested filters, with segments kept true."""

__version__ = "0.1.0"
