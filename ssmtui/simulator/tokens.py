"""The session tokens that were given away with credentials: of roles that were taken, and of access requests."""

from __future__ import annotations

_given: set[str] = set()


def give(token: str) -> str:
    """Note that a token is given away."""
    _given.add(token)
    return token


def is_given(token: str) -> bool:
    """Whether a token was given away here."""
    return token in _given


def forget() -> None:
    """Take all tokens back."""
    _given.clear()
