"""The screens and dialogs, and what they have in common. A screen asks for another one by a wish."""
