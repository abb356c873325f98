"""Reports that each released version wrote are read by this one; so are reports of older and newer types."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ssmtui.cli.report_treatment import print_unreadable_files
from ssmtui.report.format import Report, all_formats
from ssmtui.report.merge import MergedReport, ReportSource, ReportStore, merge
from tests.builders.fleet import NOON

FILES = sorted((Path(__file__).parents[2] / "released").glob("*/report.*json"))
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name}")


@contextmanager
def read(folder: Path, text: str) -> Iterator[MergedReport]:
    with closing(ReportStore(folder)) as store:
        yield merge([ReportSource("saved", partial(io.BytesIO, text.encode()))], store)


def written(report: MergedReport) -> str:
    told = Report(None, dict, NOON, lambda text, _: text, report_model=report)
    return "\n".join([*all_formats()["json"].lines(told), ""])


@every_file
def test_a_report_of_a_released_version_is_read_whole(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with read(tmp_path, file.read_text(encoding="utf-8")) as report:
        assert written(report) == (file.parent / "report.json").read_text(encoding="utf-8")
        print_unreadable_files(report)
    assert capsys.readouterr().err == ""


def _older(report: dict[str, Any]) -> None:
    for scope in report["scopes"]:
        del scope["role"], scope["generated_at"]
    for node in report["nodes"]:
        del node["links"]


def _newer(report: dict[str, Any]) -> None:
    report["nodes"][0]["colour"] = {"is": ["red"]}
    report["scopes"][0]["zone"] = "a"
    report["weather"] = "fine"


@pytest.mark.parametrize(("changed", "links", "ignored"), [(_older, False, ""), (_newer, True, "colour, zone")])
def test_a_missing_member_has_its_default_and_an_unknown_one_is_ignored_and_mentioned(
    *,
    changed: Callable[[dict[str, Any]], None],
    links: bool,
    ignored: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = json.loads(FILES[0].read_text(encoding="utf-8"))
    nodes = [node if links else {**node, "links": None} for node in told["nodes"]]
    expected = json.dumps({**told, "nodes": nodes})
    changed(told)
    with read(tmp_path, json.dumps(told)) as report:
        assert json.dumps(json.loads(written(report))) == expected
        print_unreadable_files(report)
    sentence = f"saved has unknown members, which are ignored: {ignored}."
    assert capsys.readouterr().err == (f"ssmtui: {sentence}\n" if ignored else "")
