"""The machines and Pythons that are supported, as markers of requirements see them, and as uv names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

# The first and the last release of what is still young enough to matter: markers tell apart patch releases too.
PYTHONS = ("3.11.0", "3.11.14", "3.12.0", "3.13.0", "3.14.0")

_PLATFORMS = (
    ("Linux", "linux", "posix", "x86_64", "x86_64-manylinux_2_28"),
    ("Linux", "linux", "posix", "aarch64", "aarch64-manylinux_2_28"),
    ("Darwin", "darwin", "posix", "x86_64", "x86_64-apple-darwin"),
    ("Darwin", "darwin", "posix", "arm64", "aarch64-apple-darwin"),
    ("Windows", "win32", "nt", "AMD64", "x86_64-pc-windows-msvc"),
    ("Windows", "win32", "nt", "ARM64", "aarch64-pc-windows-msvc"),
)


@dataclass(frozen=True, slots=True)
class Environment:
    """One machine with one Python."""

    system: str
    platform: str
    os: str
    machine: str
    target: str
    """As `uv pip install --python-platform` takes it."""
    python: str

    def __str__(self) -> str:
        return f"{self.system} {self.machine}, Python {self.minor}"

    @property
    def minor(self) -> str:
        """The Python without its patch release."""
        return ".".join(self.python.split(".")[:2])

    def markers(self, extra: str = "") -> dict[str, str]:
        """What a marker is evaluated with."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": self.os,
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": self.system,
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": self.minor,
            "sys_platform": self.platform,
            "extra": extra,
        }


def environments() -> Iterator[Environment]:
    """Each machine with each Python."""
    for platform, python in product(_PLATFORMS, PYTHONS):
        yield Environment(*platform, python)
