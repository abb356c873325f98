"""The plugin made ready for an open session: found, and given the credentials and the endpoint of the session."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ssmtui.session.calls import SessionProblem
from ssmtui.session.opening.opener import OpenSession
from ssmtui.session.plugin.invocation import Endpoint, Invocation, invocation, must_be_lent
from ssmtui.session.plugin.preflight import preflight


class NoPlugin(SessionProblem):
    """There is none that can be used: `text` says why."""


def prepare(session: OpenSession, endpoint_url: str | None, environment: Mapping[str, str] | None = None) -> Invocation:
    """What the plugin is started with. `endpoint_url` is what every request goes to, where one was named. Blocks.

    Raises:
        NoPlugin: as it says.
        SessionProblem: the credentials are gone that it needs.

    """
    given = os.environ if environment is None else environment
    found = preflight(given)
    if not found.path:
        raise NoPlugin(found.why, is_own=True)
    lends = session.by_access or must_be_lent(session.request.scope.name, given)
    lent = session.calls.credentials() if lends else None
    endpoint = Endpoint(session.opened.endpoint, endpoint_url)
    return invocation(found.path, session.request, session.opened, endpoint, given, lent)
