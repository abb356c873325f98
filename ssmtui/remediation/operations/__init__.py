"""The AWS operations that change something, with one record for each."""
