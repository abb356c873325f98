"""The screens, and what they have in common. They ask for each other by wishes."""
