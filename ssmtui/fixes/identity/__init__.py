"""Fixes of who a node is: its instance profile, its role, and what that may do."""
