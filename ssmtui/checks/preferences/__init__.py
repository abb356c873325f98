"""Checks of the session preferences: what they say, and whether nodes can do what they ask."""
