"""Checks of the identity: where a node gets its role from, and what the role is allowed to do."""
