"""Facts about the computer that opens sessions, read without AWS."""
