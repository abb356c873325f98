"""Every cause that ssmtui can name, read from the Markdown files beside this module on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from ssmtui.causes.cause import Cause, CauseMalformed, read_cause

_SUFFIX = ".md"


@cache
def catalogue() -> Mapping[str, Cause]:
    """Every cause, by slug, in the order of the slugs. Raises CauseMalformed."""
    found = (file for file in resources.files(__package__).iterdir() if _slug_of(file.name))
    causes = [_read(file.name, file.read_text(encoding="utf-8")) for file in found]
    return MappingProxyType({cause.slug: cause for cause in sorted(causes, key=lambda each: each.slug)})


def cause(slug: str) -> Cause:
    """The cause of that slug. Raises KeyError where there is none."""
    return catalogue()[slug]


def _read(name: str, text: str) -> Cause:
    read = read_cause(name, text)
    if read.slug != _slug_of(name):
        raise CauseMalformed(name, f"its slug is {read.slug}, which is not its name")
    return read


def _slug_of(name: str) -> str:
    """The slug in a file's name; empty for the name of something else, such as a translation (`<slug>.fr.md`)."""
    slug, dot, rest = name.partition(".")
    return slug if dot + rest == _SUFFIX else ""
