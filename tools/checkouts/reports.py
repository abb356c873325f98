"""What is compared of reports and explanations: which command lines, in which worlds, on which texts."""

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
"""A node of the demo whose sessions fail: what is pasted is confirmed, or not, by it."""

_SAID = (
    ("--help",),
    *((name, "--help") for name in ("check", "explain", "fix", "undo", "demo", "causes", "checks", "policy", "info")),
    ("causes",),
    ("checks",),
    *(("policy", purpose) for purpose in ("--read", "--fixes", "--sessions")),
)


def report_tasks(worlds: Sequence[str]) -> list[Task]:
    """The report on each world in every format, and on the nodes that do worst there, which are looked at closer."""
    return [Task(REPORTS, world, partial(_reports, world)) for world in worlds]


def _reports(world: str, place: Place) -> Pages:
    place.load(world)
    pages: dict[str, Ran] = {name: place.run("check", "--format", name, *place.of_its_regions) for name in _FORMATS}
    if named := _worst(pages["json"].output):
        pages["named"] = place.run("check", "--format", "json", *place.of_its_regions, *named)
        pages["french"] = place.run("check", "--lang", "fr", *place.of_its_regions, *named)
    return pages


def _worst(report: str) -> list[str]:
    """The ids of a few nodes that fail, or are unknown where none does."""
    nodes = json.loads(report)["nodes"] if report.startswith("{") else []
    for verdict in ("fail", "unknown", "warn", "ok"):
        if found := [node["id"] for node in nodes if node["verdict"] == verdict]:
            return found[:_NAMED]
    return []


def explain_tasks() -> list[Task]:
    """Every text that is known of, explained in either format; the one of each kind on a node as well."""
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
    """What the command line says of itself, in either language."""
    return [Task(WORDS, language, partial(_said, language)) for language in ("en", "fr")]


def _said(language: str, place: Place) -> Pages:
    return {"-".join(word.strip("-") for word in line): place.run(*line, "--lang", language) for line in _SAID}
