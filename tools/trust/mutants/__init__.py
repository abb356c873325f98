"""Mutants of the code that no test detects."""
