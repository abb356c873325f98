"""The app: wiring, themes, palette, and which screen is put up for what is wished. It knows every other room."""
