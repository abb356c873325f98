"""Settings: each key declared once, layered (defaults, file, environment, options), and where each value came from."""
