"""Checks of the operating system, as far as it can be read from outside."""
