"""The checks: pure functions from facts to findings, one module or folder per link of the path."""
