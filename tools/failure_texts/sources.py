"""The programs whose failure texts are in the tables, at which commit, and which of their files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.failure_texts.found_text import FoundText
from tools.failure_texts.go_source import go_texts
from tools.failure_texts.python_source import python_texts
from tools.failure_texts.quoted_source import (
    SERVICES,
    model_texts,
)

Reader = Callable[[Mapping[str, str]], Iterator[FoundText]]

_OF_TESTS = r"_test\.|(?:^|/)(?:tests?|mocks?|mock|vendor|testdata|integration)/|/test_"


@dataclass(frozen=True, slots=True)
class Program:
    """A program at one commit: `files` matches the paths that are read; `elsewhere` those of other functions.

    A text of a file that `elsewhere` matches is not about sessions, and is counted, but not in the table.
    """

    name: str
    repository: str
    version: str
    commit: str
    read: Reader
    files: str
    elsewhere: str = ""


PROGRAMS: Sequence[Program] = (
    Program(
        "amazon-ssm-agent",
        "aws/amazon-ssm-agent",
        "3.3.1142.0",
        "1c217c89b42de51d4f4063363d8ec1f2eef56055",
        go_texts,
        r"^(?:agent|core|common)/.*\.go$",
        r"^agent/(?:association|plugins|update|updateutil|versionutil|version|integration-cli|setupcli/managers/(?:download|package"
        r"|verification)managers|setupcli/utility|longrunning|backoffconfig|fileutil/artifact|runcommand|rebooter|executers)/"
        r"|^core/app/selfupdate/",
    ),
    Program(
        "session-manager-plugin",
        "aws/session-manager-plugin",
        "1.2.677.0",
        "61cf1288c7c66b4cbff922b7ed8a6604b3a3c2ea",
        go_texts,
        r"^src/.*\.go$",
        r"^src/(?:log/test_log\.go|version/versiongenerator/)",
    ),
    Program(
        "botocore",
        "boto/botocore",
        "1.43.67",
        "0e6e2404b85dc336dd2889814e089bde7d1a4c55",
        python_texts,
        r"^botocore/(?:auth|awsrequest|client|configloader|configprovider|credentials|discovery|endpoint|endpoint_provider"
        r"|exceptions|httpsession|session|signers|tokens|utils)\.py$",
    ),
    Program(
        "service-models",
        "boto/botocore",
        "1.43.67",
        "0e6e2404b85dc336dd2889814e089bde7d1a4c55",
        model_texts,
        rf"^botocore/data/(?:{'|'.join(sorted(SERVICES))})/[\d-]+/service-2\.json$",
    ),
    Program(
        "aws-cli-1",
        "aws/aws-cli",
        "1.45.55",
        "07c4fe366",
        python_texts,
        r"^awscli/(?:clidriver|errorhandler|argparser|customizations/(?:sessionmanager|ecs/executecommand"
        r"|ec2instanceconnect/\w+))\.py$",
    ),
    Program(
        "aws-cli-2",
        "aws/aws-cli",
        "2.36.7",
        "2.36.7",
        python_texts,
        r"^awscli/(?:clidriver|errorhandler|errorformat|argparser|botocore/(?:exceptions|credentials|tokens)"
        r"|customizations/(?:exceptions|sessionmanager|ecs/executecommand|(?:ec2instanceconnect|login|sso)/\w+))\.py$",
    ),
)


class Missing(LookupError):
    """The sources of a program are not at hand."""


def files_of(program: Program, mirrors: Path) -> Mapping[str, str]:
    """Return the files of a program by path, from its git directory below `mirrors`. Raises Missing."""
    folder = mirrors / program.repository.replace("/", "+") / "repo"
    if not folder.is_dir():
        raise Missing(program.repository)
    names = _git(folder, "ls-tree", "-r", "--name-only", program.commit).splitlines()
    wanted = [name for name in names if re.search(program.files, name) and not re.search(_OF_TESTS, name)]
    return {name: _git(folder, "show", f"{program.commit}:{name}") for name in wanted}


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", f"--git-dir={folder}", *words], capture_output=True, check=True)  # noqa: S607
    return done.stdout.decode("utf-8", errors="replace")
