"""Readers: convert AWS's answers to facts, one module per kind of fact."""
