"""What the screens draw and remember, as plain objects without Textual."""
