"""The simulator's process: ``python -P -m ssmtui.simulator [--scenario NAME] [--real-node FOLDER]``.

It prints one JSON line as soon as it listens: ``{"endpoint_url": …, "port": …, "regions": […], "variables": {…},
"token": …, "organization": …}``, or ``{"error": …}`` if it cannot. The variables lead the official plugin to it
(`process.ProxySocket`). Requests must carry the token (`server.TokenGuard`), which only the parent gets, by this pipe.
The organization is the role that the caller assumes in other accounts, or null. It ends when its standard input does.

With a folder of the SSM Agent, in private namespaces, the agent itself is one more node (`real_node`).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from ssmtui.simulator import worlds
from ssmtui.simulator.process import ProxySocket, listen
from ssmtui.simulator.scenario import Scenario

_NEEDED = ("moto", "flask", "flask_cors", "werkzeug")


def main() -> int:
    """Run until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -P -m ssmtui.simulator")
    parser.add_argument("--scenario", default="demo", help="the world to simulate (default: demo)")
    parser.add_argument("--real-node", type=Path, help="the folder of the SSM Agent, which becomes a node")
    asked = parser.parse_args()
    wanted: str = asked.scenario
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        _announce({"error": f"The simulator needs what is not installed: {', '.join(missing)}."})
        return 1
    try:
        scenario = worlds.world(wanted)
    except worlds.UnknownWorldError:
        _announce({"error": f"There is no scenario {wanted!r}; there are {', '.join(worlds.names())}."})
        return 2

    listening = listen()
    host, port = listening.getsockname()[:2]
    token = secrets.token_urlsafe()
    regions = [region.name for region in scenario.regions]
    with tempfile.TemporaryDirectory(prefix="ssmtui-simulator-", ignore_cleanup_errors=True) as folder:
        threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
        proxy_socket = ProxySocket.prepared(Path(folder), (host, port))
        _announce(
            {
                "endpoint_url": f"http://{host}:{port}",
                "port": port,
                "regions": regions,
                "variables": dict(proxy_socket.variables),
                "token": token,
                "organization": scenario.role_in_members,
            }
        )
        _serve(scenario, listening, proxy_socket, token, asked.real_node)
    return 0


def _serve(
    scenario: Scenario, listening: socket.socket, proxy_socket: ProxySocket, token: str, agent: Path | None
) -> None:

    # Imported late: moto takes most of a second to load, and the parent waits for the port.
    from ssmtui.simulator import gateway, server  # noqa: PLC0415
    from ssmtui.simulator.real_node.joining import join_real_node  # noqa: PLC0415
    from ssmtui.simulator.setup import load  # noqa: PLC0415

    def load_by_name(name: str) -> None:
        load(worlds.world(name), running.application)

    def join() -> None:
        if agent is not None:
            join_real_node(agent, scenario, running.application, proxy_socket)

    def load_at_start() -> None:
        # The gate answers every request with the failure.
        with suppress(Exception):
            load(scenario, running.application, join if agent is not None else None)

    running = server.Server(listening, load_by_name, token)
    running.start()
    gateway.lead_through(proxy_socket)
    threading.Thread(target=load_at_start, daemon=True).start()
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    running.stop()


def _end_with_parent(folder: str) -> None:
    """End at once, whatever is being loaded, built or answered: the parent is gone."""
    sys.stdin.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _announce(document: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    code = main()
    # Do not wait for requests that are being served or held.
    os._exit(code)
