"""What developers run by `make`, and what measures: no tests."""
