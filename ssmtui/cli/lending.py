"""Who is lent the credentials that a scope is read by: whoever writes there, but not in a profile that is read-only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from ssmtui.language import say
from ssmtui.model.lending import CannotLend, LentCredentials

if TYPE_CHECKING:
    from ssmtui.config.settings import Settings
    from ssmtui.model.scope import ScopeName


class Lender(Protocol):
    """Has the credentials of scopes: the diagnosis, once it has begun."""

    def credentials(self, scope: ScopeName, refused: LentCredentials | None = None) -> Future[LentCredentials]:
        """Those of a scope; others, where AWS did not take those. `CannotLend` where there are none."""


def lending(settings: Settings, lender: Callable[[], Lender]) -> Callable[..., Future[LentCredentials]]:
    """Lends what the diagnosis reads by. Of a profile that the configuration calls read-only nothing is lent.

    Other profiles are looked at while the app runs: which ones are read-only is asked each time.
    """

    def lend(scope: ScopeName, refused: LentCredentials | None = None) -> Future[LentCredentials]:
        if settings.is_read_only(scope.profile):
            nothing: Future[LentCredentials] = Future()
            nothing.set_exception(CannotLend(say("the configuration says that the profile is read-only")))
            return nothing
        return lender().credentials(scope, refused)

    return lend
