"""Faults of AWS, in every read and of every kind."""
