"""Checks of the caller: what the principal that asks may do."""
