"""Which reports the options ask for, and where each goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.output_file import open_output_file
from ssmtui.cli.report_writing import ReportOutput, requested_outputs


@pytest.mark.parametrize(
    ("formats", "files", "wanted"),
    [
        ([], [], [("table", None)]),
        (["sarif"], [], [("sarif", None)]),
        (["json"], ["report"], [("json", "report")]),
        (["table"], ["report.json"], [("table", "report.json")]),
        ([], ["report.json"], [("json", "report.json")]),
        ([], ["r.NDJSON", "r.jsonl"], [("ndjson", "r.NDJSON"), ("ndjson", "r.jsonl")]),
        ([], ["r.csv", "r.xml", "r.sarif"], [("csv", "r.csv"), ("junit", "r.xml"), ("sarif", "r.sarif")]),
        ([], ["r.sarif.json", "r.md"], [("sarif", "r.sarif.json"), ("markdown", "r.md")]),
        ([], ["r.htm", "r.html"], [("html", "r.htm"), ("html", "r.html")]),
        ([], ["r.txt", "-"], [("table", "r.txt"), ("table", None)]),
        (["github", "sarif"], ["-", "r.json"], [("github", None), ("sarif", "r.json")]),
    ],
)
def test_each_output_is_paired_with_a_format_or_tells_its_own(
    formats: list[str], files: list[str], wanted: list[tuple[str, str | None]]
) -> None:
    made = requested_outputs(formats, [Path(each) for each in files])
    assert list(made) == [ReportOutput(format_, None if file is None else Path(file)) for format_, file in wanted]


@pytest.mark.parametrize(
    ("formats", "files"),
    [
        (["json", "html"], []),
        (["json", "html"], ["a.json"]),
        (["json"], ["a.json", "a.html"]),
        ([], ["a.json", "./a.json"]),
        ([], ["-", "-"]),
    ],
)
def test_what_does_not_fit_together_is_refused(formats: list[str], files: list[str]) -> None:
    with pytest.raises(UsageError):
        requested_outputs(formats, [Path(each) for each in files])


def test_a_steps_summary_is_markdown_and_put_behind_what_others_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "step_summary_1"
    summary.write_text("# before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (output,) = requested_outputs([], [summary])
    assert (output.format, output.shared) == ("markdown", True)
    with open_output_file(output.file, shared=output.shared) as file:
        assert file is not None
        file.write("after\n")
    assert summary.read_text(encoding="utf-8") == "# before\nafter\n"
    assert list(tmp_path.iterdir()) == [summary]
    assert not ReportOutput("json", tmp_path / "other").shared
