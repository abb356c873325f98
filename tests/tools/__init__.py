"""What developers run by `make`, and what measures. The tests here are of that."""
