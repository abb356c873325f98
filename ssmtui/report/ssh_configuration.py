"""Print nodes as hosts of OpenSSH (ssh_config(5)), for `ssmtui ssh-config`.

A Name tag can contain any text. The tag becomes a host only if it is a plain word, belongs to one node, and is not the
name of another host. Commands contain the node ID, never `%h`, which ssh replaces with user input (CVE-2023-51385).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.node import Node, NodeKind
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable

DOCUMENT = "AWS-StartSSHSession"
Quoting = Callable[[str], str]

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_ADDRESS = re.compile(r"[0-9.]+|0[xX][0-9A-Fa-f.]*")
_ID = re.compile(r"m?i-[0-9a-f]{8,32}")
_USERS = {"Amazon Linux": "ec2-user", "Ubuntu": "ubuntu", "Debian": "admin"}
"""The default users of AWS's own images (EC2 User Guide, managing-users), for systems that have only one."""


@dataclass(frozen=True, slots=True)
class SshHost:
    """A node to reach by ssh. `options` are the options of `ssmtui connect` that select its scope."""

    node: Node
    scope: Scope
    options: tuple[str, ...]


def ssh_configuration(
    hosts: Sequence[SshHost], *, asked: Collection[str], program: Sequence[str], quoted: Quoting
) -> Iterator[str]:
    """Yield the lines of the file. `asked` are the words of the requested nodes; `quoted` quotes a word for a shell."""
    if hosts:
        yield from _head()
    known = Counter(host.node.name for host in hosts)
    for host in sorted(hosts, key=lambda each: (each.node.name, each.node.id)):
        if _ID.fullmatch(host.node.id) is None:
            continue
        yield ""
        name, why = host.node.name, _why_no_host(host.node, known, asked)
        if name and why:
            yield _comment(f"“{printable(name)}”: {why}")
        named = (name, host.node.id) if name and not why else (host.node.id,)
        yield f"Host {' '.join(dict.fromkeys(named))}"
        yield f"    HostName {host.node.id}"
        yield f"    ProxyCommand {_proxy(host, program, quoted)}"
        yield from _user(host.node)


def _head() -> Iterator[str]:
    yield _comment(say("Created by ssmtui ssh-config; create this file again when nodes change:"))
    yield _comment("    ssmtui ssh-config > ~/.ssh/ssmtui.conf")
    yield _comment(say("Add at the end of ~/.ssh/config, so that your own settings take precedence:"))
    yield _comment("    Match all")
    yield _comment("        Include ~/.ssh/ssmtui.conf")
    yield _comment(say("A node needs an SSH server and your public key. Connections go through Session Manager."))
    yield _comment(say("User is the default of the AWS images; change it for nodes with another user."))


def _why_no_host(node: Node, known: Counter[str], asked: Collection[str]) -> str:
    """Return the sentence that says why a Name cannot be a host; empty if it can."""
    name = node.name
    if _HOST.fullmatch(name) is None:
        return say("not a valid host name for ssh")
    if known[name] > 1:
        return say("the name of several nodes")
    if _ID.fullmatch(name) and name != node.id:
        return say("the ID of another node")
    if name.casefold() == "localhost" or _ADDRESS.fullmatch(name):
        return say("this computer, or an address")
    if "." in name and name not in asked:
        return say("possibly the name of another host; name it on the command line to include it")
    return ""


def _proxy(host: SshHost, program: Sequence[str], quoted: Quoting) -> str:
    words = (*program, "connect", host.node.id, *host.options, "--document-name", DOCUMENT)
    command = " ".join(quoted(word) for word in words).replace("%", "%%")
    return f"{command} --parameter portNumber=%p"


def _user(node: Node) -> Iterator[str]:
    user = next((user for system, user in _USERS.items() if node.platform.startswith(system)), "")
    if user and node.kind is NodeKind.EC2:
        yield f"    User {user}"


def _comment(words: str) -> str:
    return f"# {words}"
