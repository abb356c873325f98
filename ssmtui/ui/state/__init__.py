"""What the screens remember between two keys: plain objects that live, without Textual."""
