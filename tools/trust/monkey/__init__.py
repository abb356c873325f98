"""Monkey."""
