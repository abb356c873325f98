"""Reports read back: text of unknown origin, taken apart as it comes and held against the schema."""
