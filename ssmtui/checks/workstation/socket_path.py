"""Whether the plugin can make the socket that it forwards ports over."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_workstation
from ssmtui.language import say
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.workstation import System, TemporaryFolder

# unix(7), and sys/un.h of Darwin: the bytes of a socket's path, without the one that ends it.
_ROOM = {System.LINUX: 107, System.MACOS: 103}
# `/<hash of the session>_session_manager_plugin_mux.sock`, the hash of 32 bits in decimal (docs/facts/sessions.md §8).
_NAME = len("/4294967295_session_manager_plugin_mux.sock")


@check(
    link=Link.WORKSTATION,
    causes=("socket-path-too-long",),
    subject=the_workstation,
    after=("node-is-looked-for-where-it-is",),
)
def temporary_folder_leaves_room_for_a_socket(folder: TemporaryFolder) -> Findings:
    """Whether the plugin's socket has a path that is short enough."""
    room = _ROOM.get(folder.system)
    length = len(folder.path.rstrip("/").encode("utf-8", errors="surrogateescape"))
    if room is None or length + _NAME <= room:
        return ()
    evidence = Evidence(
        say(
            "its path has {length} bytes and the socket's name {name}; {system} allows {room}",
            length=length,
            name=_NAME,
            system=folder.system.value,
            room=room,
        ),
        WORKSTATION,
    )
    return (
        Finding(
            "socket-path-too-long",
            Status.WARN,
            Confidence.LIKELY,
            the_workstation(),
            say("The path of the temporary folder is too long for the socket of port forwarding."),
            (evidence,),
        ),
    )
