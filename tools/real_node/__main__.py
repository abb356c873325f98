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
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ssmtui.simulator import gateway
from ssmtui.simulator.in_thread import serving
from ssmtui.simulator.process import without_aws_variables
from tools.real_node.failures import Laboratory
from tools.real_node.isolation import build_root, is_inside, run_inside
from tools.real_node.matrix import compare
from tools.real_node.node import RealNode
from tools.real_node.programs import MissingError, Programs
from tools.real_node.world import NODE, ROLE, world


def main(words: Sequence[str]) -> int:
    """Run the node, and what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.real_node", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve", action="store_true", help="print the variables, and serve until Ctrl-C")
    parser.add_argument("--compare", action="store_true", help="compare both agents (only failures of these names)")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("command", nargs="*", help="the command to run beside the node, or names")
    asked = parser.parse_args(words)
    if not (asked.serve or asked.compare or asked.command):
        parser.error("a command, --serve or --compare is needed")
    try:
        programs = Programs.found(os.environ)
        if is_inside():
            return _beside_node(programs, asked)
        with tempfile.TemporaryDirectory(prefix="ssmtui-real-node-") as folder:
            return run_inside(["--folder", folder, *words], programs, shows_way_in=asked.serve)
    except MissingError as missing:
        print(missing, file=sys.stderr)
        return 1


def _beside_node(programs: Programs, asked: argparse.Namespace) -> int:
    root, private = asked.folder / "machine", asked.folder / "private"
    root.mkdir()
    private.mkdir(mode=0o700)
    with serving() as aws:
        # The real agent takes its time, and so do the simulated nodes beside it.
        gateway.pace.factor = 1
        aws.load(world())
        node = RealNode(aws, build_root(root, programs.agent), private, NODE, ROLE.name)
        node.start()
        variables = {**aws.environment, **node.client_variables, **_private_folders(private), "NODE": node.id}
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
