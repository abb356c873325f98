"""What the screens say: pieces of text with their ink, from values. Nothing here knows Textual."""
