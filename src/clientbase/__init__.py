"""clientbase: one base of clients, cut by nested filters, with segments kept true."""
