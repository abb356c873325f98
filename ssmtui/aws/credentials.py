"""Sign requests with borrowed credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ssmtui.model.scope import CredentialsUnavailable, LenderEnded, SharedCredentials

CredentialProvider = Callable[..., SharedCredentials]
"""Returns the current credentials, or others if it gets those that AWS rejected. Raises CredentialsUnavailable."""


class PromptForbidden(Exception):
    """An MFA code is needed while the terminal belongs to the screen."""


class BorrowedCredentials:
    """Credentials of another holder, requested again for each request that is signed.

    With `outlive_lender`, requests continue with the last credentials after the lender has ended.
    """

    def __init__(self, lend: CredentialProvider, *, outlive_lender: bool = False) -> None:
        self._lend = lend
        self._outlive_lender = outlive_lender
        self._last: SharedCredentials | None = None

    def current(self) -> SharedCredentials:
        """Return the credentials to sign with now.

        Raises:
            CredentialsUnavailable: there are none.

        """
        try:
            self._last = self._lend()
        except LenderEnded:
            if self._last is None or not self._outlive_lender:
                raise
        return self._last

    def has_others(self) -> bool:
        """Return whether there are other credentials than the last, which AWS rejected."""
        try:
            return self._last is not None and self._lend(self._last) != self._last
        except CredentialsUnavailable:
            return False

    def for_sdk(self) -> Any:
        """Return the credentials as botocore takes them."""
        from botocore.credentials import Credentials, ReadOnlyCredentials

        current = self.current

        class Borrowed(Credentials):  # type: ignore[misc] # the SDK has no types
            def get_frozen_credentials(self) -> ReadOnlyCredentials:
                lent = current()
                return ReadOnlyCredentials(lent.access_key, lent.secret_key, lent.token)

        return Borrowed("lent", "lent", method="lent")
