"""Programs that stand in for the plugin, a browser and the AWS CLI: each writes down what it was given, and is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BODY = """
import json, os, sys
if sys.argv[1:] == ["--version"]:
    print("1.2.764.0")
lines = []
for each in os.listdir("/proc"):
    if each.isdigit():
        try:
            lines.append(open(f"/proc/{each}/cmdline", "rb").read().decode("utf-8", "replace"))
        except OSError:
            pass
told = {"words": sys.argv, "environment": dict(os.environ), "lines": lines}
with open(os.path.join(FOLDER, f"{os.path.basename(sys.argv[0])}-{os.getpid()}.json"), "w") as file:
    json.dump(told, file)
"""


@dataclass(frozen=True, slots=True)
class Started:
    """How a program was started: its words, its environment, and the words of every process there was."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    lines: tuple[str, ...]

    @property
    def opens_session(self) -> bool:
        """Whether it is the plugin, for a session: which cannot do without credentials, and has them by no argument."""
        return self.name == "session-manager-plugin" and len(self.words) > 2


def programs(folder: Path, told: Path) -> Path:
    """A folder for PATH with all of them; what each was given is written into `told`."""
    for name in ("session-manager-plugin", "aws", "browser", "xdg-open"):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nFOLDER = {str(told)!r}\n{_BODY}", encoding="utf-8")
        program.chmod(0o755)
    return folder


def started(told: Path) -> Iterator[Started]:
    """What was started since the last look."""
    for file in sorted(told.glob("*.json")):
        given: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        file.unlink()
        name = Path(given["words"][0]).name
        yield Started(name, tuple(given["words"]), given["environment"], tuple(given["lines"]))
