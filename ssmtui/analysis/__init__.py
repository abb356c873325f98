"""Conclusions from facts that several checks and the diagnosis share, without I/O."""
