"""Checks of the instance: whether it runs, and can tell its agent who it is."""
