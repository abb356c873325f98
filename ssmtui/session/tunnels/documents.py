"""What StartSession is asked for where a port is to be forwarded (docs/facts/sessions.md §1)."""

from __future__ import annotations

from ssmtui.model.session_opening import SessionRequest
from ssmtui.model.tunnel import TunnelRequest

TO_NODE = "AWS-StartPortForwardingSession"
TO_HOST = "AWS-StartPortForwardingSessionToRemoteHost"
ANY_PORT = "0"
"""The plugin's own port is any free one: the tunnel's is ours."""


def session_request(tunnel: TunnelRequest) -> SessionRequest:
    """The session of a tunnel."""
    parameters = [("portNumber", (str(tunnel.remote_port),)), ("localPortNumber", (ANY_PORT,))]
    if tunnel.host:
        parameters.append(("host", (tunnel.host,)))
    return SessionRequest(
        tunnel.scope,
        tunnel.target,
        document=tunnel.document or (TO_HOST if tunnel.host else TO_NODE),
        parameters=tuple(parameters),
        reason=tunnel.reason,
    )
