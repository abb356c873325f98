"""Collect the failure texts of public programs from their sources (docs/facts/failure-texts.md §6)."""
