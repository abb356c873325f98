"""The screens and dialogs, and their shared base classes. A screen opens another one by a screen request."""
