"""Answers of AWS turned into facts: one module a kind of fact."""
