"""`ssmtui ssh-config`: print the nodes as hosts of OpenSSH."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ssmtui.cli.check import print_scope_errors, print_unknown_nodes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.info import old_file_sentence, old_ssh_files
from ssmtui.cli.node_selection import node_listing, wait_for_listing
from ssmtui.cli.printing import print_data, print_message
from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import ENDPOINT_URL
from ssmtui.language import say
from ssmtui.model.scope import Scope
from ssmtui.processes import own_command
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.ssh_configuration import SshHost, ssh_configuration
from ssmtui.text.printable import printable


def print_ssh_configuration(run: Run) -> ExitCode:
    """Print a block for each managed node, or for each node named on the command line."""
    with node_listing(run) as listing:
        state = wait_for_listing(run, listing)
    hosts = [
        SshHost(node, state.scope_of[key], connect_options(state.scope_of[key], run.settings[ENDPOINT_URL], os.environ))
        for key, node in state.nodes.items()
        if node.managed or run.nodes
    ]
    for line in ssh_configuration(hosts, asked=run.nodes, program=own_command(os.environ), quoted=_quoted):
        print_data(f"{line}\n")
    print_scope_errors(state)
    for file in old_ssh_files(Path.home()):
        print_message(old_file_sentence(file))
    if code := print_unknown_nodes(state):
        return code
    return ExitCode.COULD_NOT_TELL if state.errors else ExitCode.DONE


def connect_options(scope: Scope, endpoint_url: str | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options with which `ssmtui connect` reaches a scope from anywhere.

    Raises:
        UsageError: a profile's name or a URL has characters that an ssh configuration cannot contain.

    """
    profile = scope.name.profile or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    endpoint = endpoint_url or environment.get("AWS_ENDPOINT_URL")
    for word in filter(None, (profile, scope.name.role, endpoint)):
        if not word.isprintable():
            raise UsageError(say("{word} is not possible in an SSH configuration", word=printable(word)))
    options = {
        "--profile": profile,
        "--role-arn": scope.name.role,
        "--region": scope.region,
        "--endpoint-url": endpoint,
    }
    return tuple(word for option, value in options.items() if value for word in (option, value))


def _quoted(word: str) -> str:
    """Quote a word for the shell in which ssh runs its command."""
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)
