"""Write the coarse version of AWS's published address ranges.

`python -m tools.aws_ranges ip-ranges.json` rewrites the file in the package.

https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html
"""

from __future__ import annotations

import ipaddress
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ssmtui.analysis.network.packet_filters import RANGES_FILE

COARSE = 16
"""The smallest prefix; smaller ranges are widened to it, because AWS adds ranges next to those that it has."""

_SERVICES = {"AMAZON": "any", "S3": "s3"}


def coarse(prefixes: Iterable[str]) -> list[str]:
    """Return the fewest networks that contain all of these."""
    networks = (ipaddress.IPv4Network(each) for each in prefixes)
    rounded = {each if each.prefixlen <= COARSE else each.supernet(new_prefix=COARSE) for each in networks}
    return [str(each) for each in ipaddress.collapse_addresses(rounded)]


def ranges_in(published: Mapping[str, Any]) -> dict[str, Any]:
    """Return the possible addresses of services by Region, with the date of publication."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in published["prefixes"]:
        kind = _SERVICES.get(each["service"])
        if kind is not None and each["region"] != "GLOBAL":
            found.setdefault(each["region"], {}).setdefault(kind, []).append(each["ip_prefix"])
    regions = {
        region: {kind: coarse(found[region][kind]) for kind in sorted(found[region])} for region in sorted(found)
    }
    return {"published": published["createDate"], "regions": regions}


def main(file: str) -> None:
    """Write the package's file from AWS's file."""
    found = ranges_in(json.loads(Path(file).read_text(encoding="utf-8")))
    lines = ",\n".join(f"  {json.dumps(region)}: {json.dumps(kinds)}" for region, kinds in found["regions"].items())
    text = f'{{"published": "{found["published"]}", "regions": {{\n{lines}\n}}}}\n'
    RANGES_FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
