"""Answers of AWS turned into facts: one folder an area, one module a kind of fact."""
