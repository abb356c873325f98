"""Checks of the session preferences: their content, and whether nodes can do what they require."""
