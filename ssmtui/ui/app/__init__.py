"""The app: wiring, themes, and which screen is put up for what is wished."""
