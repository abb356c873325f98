"""Under which licence each package comes, by its own metadata."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.metadata import metadata

_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Words of older metadata, by SPDX's."""


def licence_of(name: str) -> str:
    """What a package says; of several classifiers all, as none says that one may choose."""
    told = metadata(name)
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [each.split(" :: ")[-1] for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    older = told.get_all("License") or ["not told"]
    named = [each for each in classified if each != "OSI Approved"] or older
    return " AND ".join(sorted(_SPDX.get(each, each) for each in named))


def accepted(expression: str, licences: Collection[str]) -> bool:
    """Whether all of it, or one of what may be chosen, is among the licences that are accepted."""
    return any(
        all(each.strip(" ()") in licences for each in re.split(r" AND ", choice))
        for choice in re.split(r" OR ", expression)
    )
