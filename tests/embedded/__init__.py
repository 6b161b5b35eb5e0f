"""Tests of the embedded servers and of the processes beside them."""
