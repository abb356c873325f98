"""A probe: a real session, followed stage by stage until its shell writes output or it ends. It sends no input."""
