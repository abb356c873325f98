"""Hostile texts in every input and output."""
