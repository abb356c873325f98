"""Text: safe printing, limits for JSON, names, and times."""
