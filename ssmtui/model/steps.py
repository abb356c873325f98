"""What a person does by hand, where an API cannot or should not: steps in order, with what can be copied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


class Form(Enum):
    """What a text that can be copied is written in; the value is the language that Markdown calls it by."""

    SHELL = "sh"
    POWERSHELL = "powershell"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, in words, and a text to copy where there is one."""

    text: str
    copy: str = ""
    form: Form = Form.SHELL


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that stand in a fix's place. `fix` is their slug; nothing of them is ever carried out by ssmtui."""

    fix: str
    title: str
    steps: tuple[Step, ...]

    @property
    def copies(self) -> tuple[str, ...]:
        """All that can be copied, in order."""
        return tuple(each.copy for each in self.steps if each.copy)


def word(value: str, placeholder: str) -> str:
    """A value of AWS's as one word of bash or PowerShell; the placeholder, where it is anything but a plain word."""
    return value if _SAFE_WORD.fullmatch(value) and not value.startswith("-") else placeholder
