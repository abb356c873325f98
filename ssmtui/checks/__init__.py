"""The checks: pure functions from facts to findings, one folder a link of the path, one module a question."""
