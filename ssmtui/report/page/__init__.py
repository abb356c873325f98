"""What the HTML report is made with: its style and its script, which stand in the page itself."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files


def asset(name: str) -> str:
    """A file of this folder, without the line end that it ends with."""
    return (files(__name__) / name).read_text(encoding="utf-8").strip()


def source_of(text: str) -> str:
    """How a content security policy names a style or a script that stands in the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
