"""The Regions that botocore knows, read from its data without loading it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


def known_regions() -> Mapping[str, str]:
    """Every Region of every partition, with what AWS calls it; nothing where botocore's data is not as it was."""
    spec = find_spec("botocore")
    found: dict[str, str] = {}
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        try:
            read = json.loads((Path(folder) / "data" / "partitions.json").read_text(encoding="utf-8"))
            for partition in read["partitions"]:
                named = {name: str(each.get("description", "")) for name, each in partition["regions"].items()}
                found |= {name: what for name, what in named.items() if "global" not in name}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found
