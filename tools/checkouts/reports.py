"""List the reports and explanations to compare: the command lines, the worlds, the texts."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.causes import texts
from tools.checkouts.place import Place, Ran
from tools.checkouts.recording import Pages, Task

REPORTS, EXPLAIN, WORDS = "reports", "explain", "words"

PASTED = Path(__file__).parents[2] / "tests" / "causes" / "pasted"
_FORMATS = ("json", "table", "ndjson")
_NAMED = 2
_ON_A_NODE = "queue-1"
"""A node of the demo whose sessions fail: the causes of a pasted text are checked on it."""

_SAID = (
    ("--help",),
    *((name, "--help") for name in ("check", "explain", "fix", "undo", "demo", "causes", "checks", "policy", "info")),
    ("causes",),
    ("checks",),
    *(("policy", purpose) for purpose in ("--read", "--fixes", "--sessions")),
)


def report_tasks(worlds: Sequence[str]) -> list[Task]:
    """Return the reports on each world in every format, and on its worst nodes, which are inspected deeply."""
    return [Task(REPORTS, world, partial(_reports, world)) for world in worlds]


def _reports(world: str, place: Place) -> Pages:
    place.load(world)
    pages: dict[str, Ran] = {name: place.run("check", "--format", name, *place.of_its_regions) for name in _FORMATS}
    if named := _worst(pages["json"].output):
        pages["named"] = place.run("check", "--format", "json", *place.of_its_regions, *named)
        pages["french"] = place.run("check", "--lang", "fr", *place.of_its_regions, *named)
    return pages


def _worst(report: str) -> list[str]:
    """Return the ids of a few nodes that fail, or that are unknown if none fails."""
    nodes = json.loads(report)["nodes"] if report.startswith("{") else []
    for verdict in ("fail", "unknown", "warn", "ok"):
        if found := [node["id"] for node in nodes if node["verdict"] == verdict]:
            return found[:_NAMED]
    return []


def explain_tasks() -> list[Task]:
    """Return every known text, explained in both formats; one of each kind also on a node."""
    pasted = {file.stem: _pasted(file) for file in sorted(PASTED.glob("*.toml"))}
    listed = {
        name.lower(): [each if isinstance(each, str) else each.text for each in held]
        for name, held in vars(texts).items()
        if isinstance(held, tuple) and name in {"TEXTS", "SEED", "UNRELATED"}
    }
    return [
        *(Task(EXPLAIN, name, partial(_explained, held)) for name, held in (pasted | listed).items()),
        Task(EXPLAIN, "on-a-node", partial(_on_a_node, pasted["kinds"])),
    ]


def _pasted(file: Path) -> list[str]:
    return [each["pasted"] for each in tomllib.loads(file.read_text(encoding="utf-8"))["text"]]


def _explained(held: Sequence[str], place: Place) -> Pages:
    place.load("empty")
    return {
        f"{number:03}-{name}": place.run("explain", "--format", name, given=text)
        for number, text in enumerate(held)
        for name in ("json", "table")
    }


def _on_a_node(held: Sequence[str], place: Place) -> Pages:
    place.load("demo")
    line = ("explain", "--format", "json", "--node", _ON_A_NODE, *place.of_its_regions)
    return {f"{number:03}-json": place.run(*line, given=text) for number, text in enumerate(held)}


def words_tasks() -> list[Task]:
    """Return the help texts of the command line, in both languages."""
    return [Task(WORDS, language, partial(_said, language)) for language in ("en", "fr")]


def _said(language: str, place: Place) -> Pages:
    return {"-".join(word.strip("-") for word in line): place.run(*line, "--lang", language) for line in _SAID}
