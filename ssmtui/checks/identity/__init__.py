"""Checks of the identity: where a node has its role from, and what that role may do."""
