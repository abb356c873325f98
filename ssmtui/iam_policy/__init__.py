"""The IAM policy language: parse, match and evaluate, in three values."""
