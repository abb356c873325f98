"""Configuration files as tests write them."""

from __future__ import annotations

from pathlib import Path

from ssmtui.config.file import FileSettings, read_config


def written(folder: Path, text: str) -> Path:
    """A configuration file that says this."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def said(folder: Path, text: str) -> FileSettings:
    """What such a file says."""
    return read_config(written(folder, text))
