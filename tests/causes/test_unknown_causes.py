"""A cause of a later version has no page here: nobody looks one up in a way that ends in a KeyError."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ssmtui
from ssmtui.causes.catalogue import catalogue, title_of

PACKAGE = Path(ssmtui.__file__).parent
CERTAIN = {
    "cli/completion.py": "asked before whether it is there",
    "cli/explain.py": "the slug of a cause stands for the cause",
    "cli/lookup.py": "refused before, with the near ones",
    "cli/connect.py": "of this catalogue's own texts",
    "causes/catalogue.py": "raises KeyError, as it says",
    "report/catalogue.py": "of this catalogue's own texts",
}


def lookups(module: Path) -> Iterator[str]:
    text = module.read_text(encoding="utf-8")
    # Parsing the whole package takes some seconds, and most modules look nothing up.
    if not re.search(r"(?:\bcauses|catalogue\(\))\s*\[", text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            held = ast.unparse(node.value)
            if (held == "causes" or held.endswith((".causes", "catalogue()"))) and not isinstance(
                node.slice, ast.Constant
            ):
                yield ast.unparse(node)


def test_a_cause_is_looked_up_where_none_may_be_known() -> None:
    found = {
        str(module.relative_to(PACKAGE)): told
        for module in PACKAGE.rglob("*.py")
        if "simulator" not in module.parts and (told := list(lookups(module)))
    }
    assert {name: told for name, told in found.items() if name not in CERTAIN} == {
        "report/formats/github.py": ["causes[status, finding.cause]"]
    }


def test_a_cause_without_a_page_is_called_by_its_slug() -> None:
    known = catalogue()
    assert (title_of(known, "kms-not-yet-known"), title_of(known, "agent-outdated")) == (
        "kms-not-yet-known",
        known["agent-outdated"].title,
    )
