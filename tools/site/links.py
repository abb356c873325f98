"""Rewrite the links of a page for the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:|#|//")


def led_on(text: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    """Return the text of the page made from `source`, with links for the site.

    `pages` maps each file of the repository to its page (or picture). Files that the site does not have, such as code,
    are named without a link.
    """

    def led(found: re.Match[str]) -> str:
        target, hash_, fragment = found["target"].partition("#")
        if _ELSEWHERE.match(found["target"]):
            return found.group()
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target)) if target else source
        # A section that is a separate page on the site, such as a cause.
        there = pages.get(f"{file}#{fragment}")
        if there is not None:
            hash_, fragment = "", ""
        else:
            there = pages.get(file)
        if there is None:
            return found["text"]
        way = posixpath.relpath(there, posixpath.dirname(page) or ".")
        return f"{found['picture']}[{found['text']}]({way}{hash_}{fragment})"

    return _LINK.sub(led, text)
