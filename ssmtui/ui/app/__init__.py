"""The app, and one class for each of its features."""
