"""Tests of the demo base."""
