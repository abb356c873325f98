"""Copy a state of the repository and install it separately, so that edits do not affect it while it runs."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of one state. `state` is its commit, or the hash of its files if they are no commit."""

    state: str
    folder: Path
    cache: Path

    @property
    def python(self) -> Path:
        """The interpreter with this state's ssmtui."""
        return self.folder / ".venv" / "bin" / "python"

    @property
    def outputs(self) -> Path:
        """The folder of its output."""
        return self.cache / self.state / "outputs"

    def worlds(self) -> tuple[str, ...]:
        """Return the names of all worlds: the first column of `ssmtui demo --scenario` without a value.

        Raises:
            subprocess.CalledProcessError: the command failed.

        """
        line = [str(self.python), "-m", "ssmtui", "demo", "--lang", "en", "--scenario"]
        table = subprocess.run(line, check=True, capture_output=True, text=True).stdout
        return tuple(row.split()[0] for row in table.splitlines()[1:] if row)


def checkout(source: str, repository: Path, cache: Path) -> Checkout:
    """Return the state of a Git reference or folder, installed; it is copied only once.

    Raises:
        subprocess.CalledProcessError: there is no such reference, or its environment cannot be prepared.

    """
    place = Path(source)
    stands_there = place.is_dir()
    if stands_there and _git(place, "status", "--porcelain"):
        state = f"tree-{_hash_of_files(place)}"
    else:
        repository = place if stands_there else repository
        state = _git(repository, "rev-parse", "--verify", f"{'HEAD' if stands_there else source}^{{commit}}")[:_LETTERS]
    made = Checkout(state, cache / state / "checkout", cache)
    if not made.folder.exists():
        unfinished = made.folder.with_name("checkout.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        if state.startswith("tree-"):
            _copy(place, unfinished)
        else:
            _git(repository, "clone", "--quiet", "--no-checkout", str(repository.resolve()), str(unfinished.resolve()))
            _git(unfinished, "checkout", "--quiet", "--detach", state)
        unfinished.rename(made.folder)
    _install(made.folder)
    return made


def _install(folder: Path) -> None:
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    make = shutil.which("make") or "make"
    line = [make, "--silent", "-C", str(folder), "VENV=.venv", f"PYTHON={base}", ".venv/.ready"]
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)


def _files(folder: Path) -> list[str]:
    listed = _git(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    return sorted({name for name in listed if name and (folder / name).is_file()})


def _hash_of_files(folder: Path) -> str:
    held = hashlib.sha256()
    for name in _files(folder):
        held.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    return held.hexdigest()[:_LETTERS]


def _copy(folder: Path, to: Path) -> None:
    for name in _files(folder):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, to / name)


def _git(folder: Path, *line: str) -> str:
    git = shutil.which("git") or "git"
    return subprocess.run([git, "-C", str(folder), *line], check=True, capture_output=True, text=True).stdout.strip()
