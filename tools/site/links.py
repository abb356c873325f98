"""Where the links of a page lead on the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:|#|//")


def led_on(text: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    """The text of the page made from `source` with its links as the site has them.

    `pages` tells the page (or picture) made from each file of the repository. What the site does not have, such as a
    file of code, is named and not linked.
    """

    def led(found: re.Match[str]) -> str:
        target, hash_, fragment = found["target"].partition("#")
        if _ELSEWHERE.match(found["target"]):
            return found.group()
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target)) if target else source
        # A section that is a page of its own on the site, such as that of a cause.
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
