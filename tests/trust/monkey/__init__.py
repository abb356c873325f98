"""A monkey at the keyboard: seeded keys, clicks, pastes and sizes on the demo, and what must hold meanwhile."""
