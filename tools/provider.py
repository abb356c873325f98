"""Write `ssmtui/remediation/export/provider_arguments.json`: the arguments of the Terraform resources that exports use.

`make provider` runs it on the archive of the npm package `@cdktf/provider-aws`, which is generated from the schema of
HashiCorp's AWS provider. The archive has 390 MB, so only facts about a dozen resource types are stored: their
arguments, and which of them are required. None of the package's code is stored.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from ssmtui.remediation.export.formats.terraform import PROVIDER
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import TerraformForm

_SETTINGS = re.compile(r"export interface \w+Config extends cdktf\.TerraformMetaArguments \{(.*?)\n\}\n", re.DOTALL)
_ARGUMENT = re.compile(r"/docs/resources/\w+#(\w+) \w+#\w+\}\n[^/]*?\*/\n    readonly \w+(\??):")
_VERSION = re.compile(r"registry\.terraform\.io/providers/hashicorp/aws/([\d.]+)/")
_NOT_OF_THE_THING = frozenset({"id", "region", "timeouts"})
"""Arguments that do not describe the resource. Versions of the provider before 6.0 have no `region`."""


def used_types() -> Iterator[str]:
    """Yield the resource types of the write operations."""
    forms = (each.terraform for each in WRITE_OPERATIONS.values())
    yield from sorted({form.type for form in forms if isinstance(form, TerraformForm)})


def table(archive: Path) -> dict[str, object]:
    """Return the table, from the package's archive (`npm pack @cdktf/provider-aws`)."""
    resources: dict[str, object] = {}
    versions: set[str] = set()
    with tarfile.open(archive) as package:
        version = json.loads(_text(package, "package.json"))["version"]
        for type_ in used_types():
            declared = _text(package, f"lib/{type_.removeprefix('aws_').replace('_', '-')}/index.d.ts")
            versions.update(_VERSION.findall(declared))
            settings = _SETTINGS.search(declared)
            assert settings is not None, type_
            found = {name: bool(optional) for name, optional in _ARGUMENT.findall(settings[1])}
            assert len(found) == settings[1].count("\n    readonly "), type_
            kept = {name: optional for name, optional in found.items() if name not in _NOT_OF_THE_THING}
            resources[type_] = {
                "required": sorted(name for name, optional in kept.items() if not optional),
                "optional": sorted(name for name, optional in kept.items() if optional),
            }
    (provider,) = versions
    return {"source": f"hashicorp/aws {provider}, by @cdktf/provider-aws {version}", "resources": resources}


def _text(package: tarfile.TarFile, name: str) -> str:
    file = package.extractfile(f"package/{name}")
    assert file is not None, name
    return file.read().decode()


if __name__ == "__main__":
    PROVIDER.write_text(f"{json.dumps(table(Path(sys.argv[1])), indent=1)}\n", encoding="utf-8")
