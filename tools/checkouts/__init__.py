"""Comparison of the output of two checkouts."""
