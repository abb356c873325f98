"""The computer that sessions are opened from. Nothing here is more than a warning, nor ever a node's own fault."""
