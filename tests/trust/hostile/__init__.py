"""Hostile text, wherever it can come from, through whatever shows, writes, prints or reads it (`make hostile`)."""
