"""State that the screens share between keys: plain objects without Textual."""
