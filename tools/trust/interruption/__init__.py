"""Interruption."""
