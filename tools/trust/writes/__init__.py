"""Writes that must be impossible."""
