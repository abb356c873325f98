"""Checks of the agent: what Systems Manager sees of it."""
