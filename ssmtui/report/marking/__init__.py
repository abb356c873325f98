"""Marking what of a report does not count: what is muted, and what was known before."""
