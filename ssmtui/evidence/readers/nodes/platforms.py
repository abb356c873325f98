"""Operating systems in words."""

from __future__ import annotations

import re

_EDITION = re.compile(r"\s+(Datacenter|Standard|Essentials|Evaluation|Core|Edition)\b.*$")


def platform_in_words(name: str, version: str) -> str:
    """What a person calls the system that Systems Manager names in two parts: `Amazon Linux` and `2023`.

    Of Windows the name says it all (`Microsoft Windows Server 2022 Datacenter`); its version is a build number.
    """
    name, version = name.strip(), version.strip()
    if "Windows" in name:
        return _EDITION.sub("", name.removeprefix("Microsoft "))
    if not version or version in name:
        return name
    return f"{name} {version}".strip()
