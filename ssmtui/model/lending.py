"""Credentials lent to whoever writes: those that reading has taken, so that an MFA code is asked for once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class LentCredentials:
    """A profile's credentials as they are now. They are never written anywhere, not even by their own `repr`."""

    access_key: str
    secret_key: str
    token: str | None


class CannotLend(Exception):
    """There are no credentials to lend any more, and why in a sentence."""


class LenderEnded(CannotLend):
    """Whoever lends has ended, because the process is told to: those that were lent before are good still."""
