"""Checks of SSM Agent: registration, connection and version."""
