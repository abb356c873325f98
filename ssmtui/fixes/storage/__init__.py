"""Fixes of what the preferences name: the session key and the log group."""
