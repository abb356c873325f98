"""A probe: a real session, gone through stage by stage until its shell speaks or it ends; it sends no input."""
