"""A believable base of a Russian retailer, made by a seeded generator, to look at and to measure with."""
