"""`ssmtui info`: which value is in force, and who said so."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.info import show_information
from ssmtui.config.declared_settings import find_endpoint_mistake
from tests.config.files import written

FILE = """\
profile = "prod-paris"
timeout = 600
external_id = "audit-7"
[profiles."prod-*"]
read_only = true
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("SSMTUI_THEME", "nord")


def test_each_value_is_told_with_who_said_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, FILE)
    show_information({"config_file": file, "regions": (), "timeout": 5.0}, "table")
    told = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line}
    assert {name: told[name] for name in ("profile", "region", "theme", "timeout", "read_only", "refresh")} == {
        "profile": ['["prod-paris"]', f"{file}:1:1"],
        "region": ["eu-west-3", "AWS_REGION"],
        "theme": ['"nord"', "SSMTUI_THEME"],
        "timeout": ["5", "--timeout"],
        "read_only": ["true", f"{file}:5:1"],
        "refresh": ["-", "default"],
    }
    assert told["configuration"] == [str(file)]
    assert told["external_id"][-1] == f"{file}:3:1"
    assert "audit-7" not in str(told)


def test_programs_are_told_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, FILE)
    show_information({"config_file": file}, "json")
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "ssmtui.info/1"
    assert told["settings"]["profile"] == {"value": ["prod-paris"], "layer": "file", "from": f"{file}:1:1"}
    assert told["settings"]["region"] == {"value": "eu-west-3", "layer": "environment", "from": "AWS_REGION"}
    assert told["settings"]["external_id"] == {"value": None, "layer": "file", "from": f"{file}:3:1"}
    assert told["profiles"] == {"prod-*": {"read_only": {"value": True, "layer": "file", "from": f"{file}:5:1"}}}


def test_a_file_that_cannot_be_used_hides_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "thme = 1\n")
    with pytest.raises(UsageError, match=r":1:1: unknown setting thme\. Did you mean theme\?"):
        show_information({"config_file": file}, "table")
    assert f"configuration  {file}\n" in capsys.readouterr().out


@pytest.mark.parametrize("listing_format", ["table", "json"])
@pytest.mark.parametrize("by", ["file", "environment", "option"])
def test_no_password_of_an_endpoint_is_told(
    by: str, listing_format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://alex:s3c/r@t@proxy.example:8443/aws"
    common: dict[str, object] = {"config_file": written(tmp_path, f'endpoint_url = "{url}"\n' if by == "file" else "")}
    if by == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    elif by == "option":
        common["endpoint_url"] = url
    with suppress(UsageError):  # a slash in a password makes it no URL
        show_information(common, listing_format)
    told = capsys.readouterr().out
    assert "s3c" not in told
    for each in (url, url.replace("/r@", ""), "alex:s3c@host", "ftp://alex:s3c@host", "alex:s3c/@host"):
        assert "s3c" not in find_endpoint_mistake(each)
    if by != "environment":
        common = {"config_file": written(tmp_path, ""), "endpoint_url": url.replace("/r@", "")}
        show_information(common, listing_format)
        assert "https://…@proxy.example:8443/aws" in capsys.readouterr().out.replace("\\u2026", "…")
