"""Fixes of the session preferences: edits of a stored document, and nothing changed besides."""
