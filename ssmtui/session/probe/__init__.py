"""A probe: a real session, followed stage by stage until its shell answers a line, or the session ends."""
