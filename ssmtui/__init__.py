"""Find out why an AWS Session Manager session does not open, and fix it."""

__version__ = "0.1.0"
