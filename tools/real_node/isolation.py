"""Give the agent a machine of its own: private namespaces, and a root whose changes are only in memory.

The root is this machine's, below a file system in memory: users, folders and files that the agent creates exist only
there. The network is a loopback alone. Everything ends with the first process of the namespaces.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.real_node.programs import AGENT_PROGRAMS, MissingError, Programs, run_program

_INSIDE: Final = "SSMTUI_REAL_NODE_INSIDE"
_MEGABYTE: Final = 1024 * 1024
_LOOKS_EVERY: Final = 0.05
_TERMINATED: Final = 143
_NAMESPACES: Final = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")


def is_inside() -> bool:
    """Return whether this process is in the private namespaces."""
    return bool(os.environ.get(_INSIDE))


def obstacle() -> str | None:
    """Return what keeps this machine from running a real node, in one sentence; None if nothing does."""
    if sys.platform != "linux":
        return "A real node needs Linux."
    if os.geteuid() != 0:
        return "A real node needs root."
    missing = [name for name in ("unshare", "mount", "chroot", "ip") if shutil.which(name) is None]
    if missing:
        return f"A real node needs {', '.join(missing)}."
    try:
        run_program("unshare", *_NAMESPACES, "true")
    except MissingError:
        return "This machine does not allow private namespaces."
    return None


def run_inside(words: Sequence[str], programs: Programs, *, shows_way_in: bool) -> int:
    """Run this program again in private namespaces; return its exit code. Raises MissingError."""
    problem = obstacle()
    if problem is not None:
        raise MissingError(problem)
    command = [str(shutil.which("unshare")), *_NAMESPACES, sys.executable, "-m", "tools.real_node", *words]
    # What was built is not built again.
    found = {"AGENT": str(programs.agent), "AGENT_SOURCE": "", "PLUGIN_SOURCE": "", _INSIDE: "1"}
    plugin = {"PLUGIN": str(programs.plugin)} if programs.plugin is not None else {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    with subprocess.Popen(command, env={**os.environ, **found, **plugin}) as running:
        try:
            if shows_way_in:
                _print_way_in(running)
            return running.wait()
        except KeyboardInterrupt:
            return running.wait()
        finally:
            # It ignores other signals. The kernel then ends everything in the namespaces.
            running.kill()


def _print_way_in(running: subprocess.Popen[bytes]) -> None:
    """Print how another terminal gets into the namespaces, as soon as their first process exists."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.poll() is None:
        with suppress(OSError):
            first = children.read_text().split()
            if first:
                print(f"# nsenter --target {first[0]} --mount --net --pid --wdns={Path.cwd()} COMMAND", file=sys.stderr)
                return
        time.sleep(_LOOKS_EVERY)


@dataclass(frozen=True, slots=True)
class Root:
    """The root of the agent's machine."""

    path: Path

    def command(self, *words: str) -> list[str]:
        """Return the words that run a program on that machine."""
        return ["chroot", str(self.path), *words]

    def run(self, *words: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program on that machine to its end."""
        environment = None if variables is None else dict(variables)
        return subprocess.run(self.command(*words), check=False, capture_output=True, text=True, env=environment)

    def file(self, place: str) -> Path:
        """Return the path of a file of that machine."""
        return self.path / place.lstrip("/")


def build_root(folder: Path, agent: Path, megabytes: int = 64) -> Root:
    """Build the machine's root in an empty folder, with the agent's programs installed.

    The root, `/tmp` and `/var/lib/amazon` have this size each, so that each can be filled alone.
    """
    run_program("ip", "link", "set", "lo", "up")
    size = f"size={megabytes * _MEGABYTE}"
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    upper, work, root = folder / "upper", folder / "work", folder / "root"
    for each in (upper, work, root):
        each.mkdir()
    _mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", "overlay", str(root))
    _mount("-t", "proc", "proc", str(root / "proc"))
    _mount("--rbind", "/sys", str(root / "sys"))
    _mount("--bind", "/dev", str(root / "dev"))
    # Terminals of its own: any user can open one.
    _mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620", "devpts", str(root / "dev/pts"))
    for place in ("var/lib/amazon", "etc/amazon/ssm", "etc/sudoers.d", "var/log/amazon"):
        (root / place).mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"{size},mode=1777", "tmpfs", str(root / "tmp"))
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(root / "var/lib/amazon"))
    for program in AGENT_PROGRAMS:
        installed = root / "usr/bin" / program
        installed.touch(mode=0o755)
        _mount("--bind", str(agent / program), str(installed))
    return Root(root)


def _mount(*words: str) -> None:
    run_program("mount", *words)
