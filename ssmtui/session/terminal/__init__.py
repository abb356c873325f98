"""The terminal that a session is given: made raw and sane again, its signals, and the bytes that go over it."""
