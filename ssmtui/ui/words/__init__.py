"""What the screens say: pieces of text with their ink, rows and prose, from values. Nothing here knows Textual."""
