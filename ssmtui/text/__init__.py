"""Text: safe printing, limits for JSON, and names."""
