"""Settings: each declared once, read in layers (defaults, file, environment, options), each value with its origin."""
