"""Finds out why an AWS Session Manager session will not open, and mends it."""

__version__ = "0.1.0"
