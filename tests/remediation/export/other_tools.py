"""Exports, held against other people's tools: ShellCheck, an HCL parser with the provider's arguments, and cfn-lint."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ssmtui.remediation.export.formats.terraform import provider_arguments

_META = frozenset({"lifecycle", "depends_on"})
"""Arguments that Terraform itself has for every resource."""
SHELLCHECK = shutil.which("shellcheck", path=str(Path(sys.executable).parent)) or shutil.which("shellcheck")
"""None on machines for which no package carries it."""
_NEWER_THAN_CFN_LINT = frozenset({"AWS::SSM::DefaultHostManagementConfiguration"})
"""Resource types whose schema cfn-lint 1.58 does not have. Their properties are compared in test_formats.py."""
_BACK = "# To undo the change, put these lines into a separate file without the comment signs:\n"


def complaints(format_: str, text: str) -> list[str]:
    """Return what the tools for a format say against an export; nothing of a format for which there is no tool."""
    judge = _JUDGES.get(format_)
    return list(judge(text)) if judge is not None else []


def _by_shellcheck(script: str) -> Iterator[str]:
    change, _, commented = script.partition(_BACK)
    back = re.sub(r"(?m)^# ?", "", commented)
    if SHELLCHECK is None:
        return
    for text in filter(None, (change, back)):
        # SC2016 doubts that nothing is to be expanded in single quotation marks, and that is what they are for.
        command = [SHELLCHECK, "--shell=bash", "--format=gcc", "--exclude=SC2016", "-"]
        told = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        yield from (told.stdout + told.stderr).splitlines()


def _by_hcl(text: str) -> Iterator[str]:
    import hcl2

    parsed = hcl2.loads(text)
    imported = {_bare(each["to"]) for each in parsed.get("import", [])}
    for one in parsed["resource"]:
        for type_, named in one.items():
            for name, body in named.items():
                bare = type_.strip('"')
                address = f"{bare}.{name}".replace('"', "")
                yield from (f"{address}: {each}" for each in _of_arguments(bare, body, address in imported))
    yield from _of_format(text)


def _of_arguments(type_: str, body: Mapping[str, Any], imported: bool) -> Iterator[str]:  # noqa: FBT001
    """Whatever an imported resource does not set must be ignored: Terraform would change it."""
    known = provider_arguments()[type_]
    is_set = {name for name in body if not name.startswith("__")} - _META
    yield from (f"there is no argument {name}" for name in is_set - {*known.required, *known.optional})
    yield from (f"it lacks {name}" for name in set(known.required) - is_set)
    (lifecycle,) = body.get("lifecycle", [{}])
    ignored = {_bare(each) for each in lifecycle.get("ignore_changes", [])}
    yield from (f"it ignores {name}, which it sets" for name in ignored & is_set)
    if imported:
        yield from (f"{name} would be changed" for name in set(known.optional) - is_set - ignored)


def _bare(expression: str) -> str:
    return expression.removeprefix("${").removesuffix("}")


def _of_format(text: str) -> Iterator[str]:
    """`terraform fmt` aligns the equals signs of neighbouring lines, but for a line that leaves a bracket open."""
    bare = re.sub(r"<<(EOT_*)\n.*?\n\1$", "<<\n\n", text, flags=re.DOTALL | re.MULTILINE)
    last = None
    for line in bare.splitlines():
        found = re.match(r" *\w+( +)= (.*)", line)
        if found is None:
            last = None
        elif found[2].endswith("(<<"):
            last = None
            if found[1] != " ":
                yield f"not in the canonical format: {line}"
        else:
            column = found.end(1)
            if last not in (None, column):
                yield f"not in the canonical format: {line}"
            last = column


def _by_cfn_lint(text: str) -> Iterator[str]:
    # It takes seconds to import, and only the tests that use it shall wait for that.
    from cfnlint.api import lint

    for match in lint(text):
        if not any(f"'{each}' does not exist" in match.message for each in _NEWER_THAN_CFN_LINT):
            yield f"{match.rule.id} {match.message}"


_JUDGES: Mapping[str, Callable[[str], Iterator[str]]] = {
    "cli": _by_shellcheck,
    "terraform": _by_hcl,
    "cloudformation": _by_cfn_lint,
}
