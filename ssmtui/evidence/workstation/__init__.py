"""The computer that sessions are opened from, looked at without asking AWS."""
