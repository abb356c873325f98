"""The IAM policy language: parse, match and evaluate policies in three-valued logic."""
