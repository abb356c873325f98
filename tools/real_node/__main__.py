"""Run the real agent as a node of the simulated AWS, and something beside it.

    python -m tools.real_node -- COMMAND …   run a command beside the node, with the variables of the simulated AWS
    python -m tools.real_node --serve        print these variables, and serve until Ctrl-C
    python -m tools.real_node --compare      compare the real agent with the simulated one, failure by failure

The programs come from AGENT= and PLUGIN= (folders or files), from AGENT_SOURCE= and PLUGIN_SOURCE= (trees to build), or
from where their packages install them. It needs Linux and root, and touches nothing of this machine.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ssmtui import processes
from ssmtui.simulator import gateway
from ssmtui.simulator.in_thread import serving
from ssmtui.simulator.process import without_aws_variables
from ssmtui.simulator.real_node.isolation import build_root, inside, run_inside, start_loopback
from ssmtui.simulator.real_node.node import Activation, RealNode
from ssmtui.simulator.real_node.programs import MissingError
from tests.simulator.clients import administrator
from tools.real_node.failures import Laboratory
from tools.real_node.matrix import compare
from tools.real_node.programs import Programs
from tools.real_node.world import NODE, ROLE, world

_LOOKS_EVERY: Final = 0.05


def main(words: Sequence[str]) -> int:
    """Run the node, and what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.real_node", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve", action="store_true", help="print the variables, and serve until Ctrl-C")
    parser.add_argument("--compare", action="store_true", help="compare both agents (only failures of these names)")
    parser.add_argument("command", nargs="*", help="the command to run beside the node, or names")
    asked = parser.parse_args(words)
    if not (asked.serve or asked.compare or asked.command):
        parser.error("a command, --serve or --compare is needed")
    try:
        programs = Programs.found(os.environ)
        folder = inside()
        if folder is not None:
            return _beside_node(programs, folder, asked)
        # What was built is not built again.
        found = {"AGENT": str(programs.agent), "AGENT_SOURCE": "", "PLUGIN_SOURCE": ""}
        plugin = {"PLUGIN": str(programs.plugin)} if programs.plugin is not None else {}
        command = processes.python("-m", "tools.real_node", *words)
        own = {"PYTHONPATH": str(Path.cwd())}
        way_in = _print_way_in if asked.serve else None
        return run_inside(command, {**os.environ, **found, **plugin, **own}, started=way_in)
    except MissingError as missing:
        print(missing, file=sys.stderr)
        return 1


def _beside_node(programs: Programs, folder: Path, asked: argparse.Namespace) -> int:
    machine, private = folder / "machine", folder / "private"
    start_loopback()
    machine.mkdir()
    private.mkdir(mode=0o700)
    with serving() as aws:
        # The real agent takes its time, and so do the simulated nodes beside it.
        gateway.pace.factor = 1
        aws.load(world())
        made = administrator(aws, "ssm").create_activation(IamRole=ROLE.name, DefaultInstanceName=NODE)
        activation = Activation(aws.regions[0], made["ActivationId"], made["ActivationCode"])
        proxy = aws.proxy_variables(private)
        node = RealNode(build_root(machine, programs.agent), activation, proxy, NODE)
        node.start()
        variables = {**aws.environment, **proxy, **_private_folders(private)}
        variables |= {"NODE": node.id, "NODE_ROOT": str(node.root.path)}
        if programs.plugin is not None:
            variables["PATH"] = f"{programs.plugin.parent}{os.pathsep}{os.environ['PATH']}"
        try:
            environment = without_aws_variables(os.environ, variables)
            if asked.compare:
                return compare(Laboratory(aws, node), environment, asked.command)
            if asked.command:
                return subprocess.run(asked.command, check=False, env=environment).returncode
            return _serve(variables)
        finally:
            node.stop()


def _print_way_in(running: subprocess.Popen[bytes]) -> None:
    """Print how another terminal gets into the namespaces, as soon as their first process exists."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.poll() is None:
        with suppress(OSError):
            first = children.read_text(encoding="utf-8").split()
            if first:
                told = f"# nsenter --target {first[0]} --mount --net --pid --wdns={Path.cwd()} COMMAND"
                print(told, file=sys.stderr, flush=True)
                return
        time.sleep(_LOOKS_EVERY)


def _private_folders(private: Path) -> Mapping[str, str]:
    names = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    return {name: str(private / name.lower()) for name in names}


def _serve(variables: Mapping[str, str]) -> int:
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
