"""The AWS operations that change something: one record for each."""
