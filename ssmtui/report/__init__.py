"""Reports: types, formats, reading, merging and redaction. No module here computes a verdict."""
