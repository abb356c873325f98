"""The folders for ssmtui's files (XDG on Linux)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("ssmtui", appauthor=False)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where ssmtui keeps what it writes, and looks for what it is told."""

    config_file: Path
    state: Path
    cache: Path

    @property
    def themes(self) -> Path:
        """The folder of the person's own themes, one TOML file each."""
        return self.config_file.parent / "themes"

    @property
    def journal(self) -> Path:
        """The folder of the journal of changes."""
        return self.state / "journal"


def folders() -> Folders:
    """The folders of this machine; none is made."""
    return Folders(
        config_file=_DIRS.user_config_path / "config.toml",
        state=_DIRS.user_state_path,
        cache=_DIRS.user_cache_path,
    )
