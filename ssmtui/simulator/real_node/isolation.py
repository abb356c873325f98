"""Give the agent a machine of its own: private namespaces, and a root whose changes are only in memory.

The root is this machine's, below a file system in memory: users, folders and files that the agent creates exist only
there. Its devices are a few harmless ones, and it cannot change the kernel's settings. The network is a loopback alone.
Everything ends with the first process of the namespaces.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ssmtui import processes
from ssmtui.simulator.real_node.programs import AGENT_PROGRAMS, MissingError, run_program

_INSIDE: Final = "SSMTUI_REAL_NODE"
"""The variable of the processes in the namespaces: the folder for the machine."""

_MEGABYTE: Final = 1024 * 1024
_NAMESPACES: Final = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")


def inside() -> Path | None:
    """Return the folder for the machine, if this process is in the private namespaces."""
    folder = os.environ.get(_INSIDE)
    return Path(folder) if folder else None


def start_loopback() -> None:
    """Start the loopback of the private namespaces, which is their only network. Raises MissingError."""
    run_program("ip", "link", "set", "lo", "up")


def obstacle() -> str | None:
    """Return what keeps this machine from running a real node, in one sentence; None if nothing does."""
    if sys.platform != "linux":
        return "A real node needs Linux."
    if os.geteuid() != 0:
        return "A real node needs root."
    missing = [name for name in ("unshare", "mount", "chroot", "ip") if not processes.find_program(name, os.environ)]
    if missing:
        return f"A real node needs {', '.join(missing)}."
    try:
        run_program("unshare", *_NAMESPACES, "true")
    except MissingError:
        return "This machine does not allow private namespaces."
    return None


def run_inside(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    started: Callable[[subprocess.Popen[bytes]], None] | None = None,
) -> int:
    """Run a command in private namespaces; return its exit code. Raises MissingError if that is not possible.

    `started` is called with the process that creates the namespaces.
    """
    problem = obstacle()
    if problem is not None:
        raise MissingError(problem)
    for sent in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sent, lambda number, _: sys.exit(128 + number))
    # Removed outside of the namespaces, where nothing is mounted on it.
    with tempfile.TemporaryDirectory(prefix="ssmtui-real-node-") as folder:
        running = processes.start(("unshare", *_NAMESPACES, *words), {**environment, _INSIDE: folder})
        try:
            if started is not None:
                started(running)
            while True:
                try:
                    return running.wait()
                except KeyboardInterrupt:
                    # The terminal sends it to the command as well, which decides.
                    continue
        finally:
            # It ignores other signals. The kernel then ends everything in the namespaces.
            running.kill()
            running.wait()


@dataclass(frozen=True, slots=True)
class Root:
    """The root of the agent's machine."""

    path: Path

    def command(self, *words: str) -> tuple[str, ...]:
        """Return the words that run a program on that machine."""
        return ("chroot", str(self.path), *words)

    def run(self, words: Sequence[str], variables: Mapping[str, str]) -> tuple[int, str]:
        """Run a program on that machine to its end; return its exit code and its output."""
        ended = processes.run(
            self.command(*words),
            variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return ended.returncode, ended.stdout.decode(errors="replace")

    def file(self, place: str) -> Path:
        """Return the path of a file of that machine."""
        return self.path / place.lstrip("/")


def build_root(folder: Path, agent: Path, megabytes: int = 64) -> Root:
    """Build the machine's root in an empty folder, with the agent's programs installed. Raises MissingError.

    The root, `/tmp` and `/var/lib/amazon` have this size each, so that each can be filled alone.
    """
    if inside() is None:
        raise MissingError("A machine is built only in private namespaces.")
    size = f"size={megabytes * _MEGABYTE}"
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    upper, work, root = folder / "upper", folder / "work", folder / "root"
    for each in (upper, work, root):
        each.mkdir()
    _mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", "overlay", str(root))
    _mount("-t", "proc", "-o", "ro", "proc", str(root / "proc"))
    _mount("-t", "sysfs", "-o", "ro", "sysfs", str(root / "sys"))
    _make_devices(root / "dev")
    for place in ("var/lib/amazon", "etc/amazon/ssm", "etc/sudoers.d", "var/log/amazon"):
        (root / place).mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"{size},mode=1777", "tmpfs", str(root / "tmp"))
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(root / "var/lib/amazon"))
    for program in AGENT_PROGRAMS:
        _bind(agent / program, root / "usr/bin" / program)
    return Root(root)


def _make_devices(folder: Path) -> None:
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(folder))
    for name in _DEVICES:
        _bind(Path("/dev") / name, folder / name)
    # Terminals of its own: any user can open one.
    (folder / "pts").mkdir()
    _mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620", "devpts", str(folder / "pts"))
    (folder / "ptmx").symlink_to("pts/ptmx")


def _bind(source: Path, target: Path) -> None:
    target.touch(mode=0o755)
    _mount("--bind", str(source), str(target))


def _mount(*words: str) -> None:
    run_program("mount", *words)
