"""Paged aws."""
