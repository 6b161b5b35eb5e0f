"""A year of a real grocery chain, brought in over HTTP; every segment is compared with SQL written by hand."""
