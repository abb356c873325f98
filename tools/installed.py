"""The wheel as people install it, each way in an empty environment: `make installed`, not a part of `make test`.

Packages come from the caches of uv and pip where they are there, else from the index; their versions are those of the
lock. Every way ends with the same commands, run with an empty home and none of this environment's variables.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[1]
_OF_THE_NETWORK = ("PIP_", "UV_", "SSL_", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Empty:
    """An empty environment in a folder: where it installs files, and which tools install them."""

    folder: Path
    tools: Path
    wheel: Path
    constraints: Path

    @property
    def variables(self) -> dict[str, str]:
        """The variables for an installation: this machine's package index, and nothing else of its own."""
        network = {name: value for name, value in os.environ.items() if name.upper().startswith(_OF_THE_NETWORK)}
        caches = {
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
            "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        }
        return {
            **network,
            **caches,
            "HOME": str(self.folder),
            "PATH": f"{self.tools}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "PIPX_HOME": str(self.folder / "pipx"),
            "PIPX_BIN_DIR": str(self.folder / "bin"),
            "UV_TOOL_DIR": str(self.folder / "tools"),
            "UV_TOOL_BIN_DIR": str(self.folder / "bin"),
            "UV_CONSTRAINT": str(self.constraints),
            "PIP_CONSTRAINT": str(self.constraints),
            "UV_PYTHON": sys.executable,
            "PIPX_DEFAULT_PYTHON": sys.executable,
        }

    def run(self, *command: str | Path) -> str:
        """Return the output of a command; raise an error with its messages if it fails."""
        done = subprocess.run(
            list(map(str, command)), env=self.variables, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DidNotWork(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


class DidNotWork(Exception):
    """An installation failed, or a command of the installed program did."""


def by_uv_tool(empty: Empty) -> Sequence[str | Path]:
    """`uv tool install`."""
    empty.run("uv", "tool", "install", f"{empty.wheel}[demo]")
    return (empty.folder / "bin" / "ssmtui",)


def by_uvx(empty: Empty) -> Sequence[str | Path]:
    """`uvx`, which installs nothing permanently."""
    return ("uvx", "--from", f"{empty.wheel}[demo]", "ssmtui")


def by_pipx(empty: Empty) -> Sequence[str | Path]:
    """`pipx install`."""
    empty.run("pipx", "install", f"{empty.wheel}[demo]")
    return (empty.folder / "bin" / "ssmtui",)


def by_pip(empty: Empty) -> Sequence[str | Path]:
    """`pip install` in a virtual environment, without the simulated AWS, from files with hashes."""
    empty.run(sys.executable, "-m", "venv", empty.folder / "venv")
    pip = (empty.folder / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet")
    empty.run(*pip, "--require-hashes", "--requirement", TREE / "build" / "requirements.txt")
    empty.run(*pip, "--no-deps", empty.wheel)
    return (empty.folder / "venv" / "bin" / "ssmtui",)


WAYS: Mapping[str, Callable[[Empty], Sequence[str | Path]]] = {
    "uv tool": by_uv_tool,
    "uvx": by_uvx,
    "pipx": by_pipx,
    "pip": by_pip,
}


def tried(empty: Empty, ssmtui: Sequence[str | Path], *, demo: bool) -> str:
    """Return the version of the installed program, after testing each command that needs no account."""
    version = empty.run(*ssmtui, "--version").strip()
    if version.split()[-1] not in empty.wheel.name:
        raise DidNotWork(f"{version} was installed of {empty.wheel.name}")
    explained = json.loads(empty.run(*ssmtui, "explain", "--format", "json", "TargetNotConnected"))
    if not explained["matches"]:
        raise DidNotWork("explain names no cause of TargetNotConnected")
    if "le groupe de journaux" not in empty.run(*ssmtui, "causes", "--lang", "fr"):
        raise DidNotWork("the causes are not told in French")
    if json.loads(empty.run(*ssmtui, "schema"))["$id"] is None or not empty.run(*ssmtui, "info"):
        raise DidNotWork("schema and info say nothing")
    if demo and "log group" not in empty.run(*ssmtui, "demo"):
        raise DidNotWork("the demonstration tells of no log group")
    return version


def main(tools: Path, ways: Sequence[str]) -> int:
    """Try each way to install; print a line for each."""
    [wheel] = (TREE / "dist").glob("*.whl")
    failed = 0
    for name in ways:
        with tempfile.TemporaryDirectory(prefix="ssmtui-installed-") as folder:
            constraints = Path(folder) / "constraints.txt"
            constraints.write_text(_versions((TREE / "requirements.lock").read_text(encoding="utf-8")))
            empty = Empty(Path(folder), tools.resolve(), wheel, constraints)
            try:
                print(f"{name:<8} {tried(empty, WAYS[name](empty), demo=name != 'pip')}", flush=True)
            except DidNotWork as error:
                failed += 1
                print(f"{name:<8} {error}", flush=True)
    return min(failed, 1)


def _versions(lock: str) -> str:
    """Return the versions of a lock, without hashes: with hashes, pip would refuse files that are not in the lock."""
    lines = (line for line in lock.splitlines() if line and not line.startswith((" ", "#")))
    return "\n".join(line.removesuffix("\\").strip() for line in lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, required=True, help="the folder that has uv and pipx")
    parser.add_argument("ways", nargs="*", default=list(WAYS))
    given = parser.parse_args()
    sys.exit(main(given.tools, given.ways))
