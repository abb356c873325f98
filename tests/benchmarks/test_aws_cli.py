"""Which AWS CLI is compared: version 2 is found behind another version on the PATH."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.benchmarks.aws_cli import aws_clis

V2 = "aws-cli/2.23.6 Python/3.13.5 Linux/6.12 source/x86_64.debian.13"


@pytest.fixture(autouse=True)
def uncached() -> Iterator[None]:
    aws_clis.cache_clear()
    yield
    aws_clis.cache_clear()


def put_aws(folder: Path, said: str) -> str:
    folder.mkdir()
    program = folder / "aws"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(
    ("said", "found"),
    [
        ((), ()),
        (("aws-cli/1.45.11 Python/3.11.7",), ()),
        (("aws-cli/1.45.11 Python/3.11.7", V2), ("2.23.6",)),
        (("a program of another kind 2.0", V2), ("2.23.6",)),
    ],
)
def test_version_2_is_found_on_the_path(
    said: tuple[str, ...], found: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [put_aws(tmp_path / str(number), each) for number, each in enumerate(said)]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    assert tuple(cli.version for cli in aws_clis() if cli.major == 2) == found
