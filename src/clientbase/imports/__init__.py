"""Import of CSV files: what they hold, how it is read, and the run that loads it."""
