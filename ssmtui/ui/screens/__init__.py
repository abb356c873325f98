"""The screens and dialogs, and what they have in common. A screen opens another one by a screen request."""
