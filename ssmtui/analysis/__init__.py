"""Conclusions from facts that several checks and the diagnosis share. Pure."""
