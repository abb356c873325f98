"""Random input for the app."""
