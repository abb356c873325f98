"""A small AWS for changes: one document with its versions, behind the writer's narrow protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import ChangeFailedError, ConcurrentChangeError, Response

NAME = "SSM-SessionManagerRunShell"
ACCOUNT = "123456789012"

Trouble = Callable[[], Exception | None]


@dataclass(slots=True)
class FakeAws:
    """`versions` are texts, the first is version 1; an empty list: there is no document.

    `before` and `after` are exceptions that a write raises, by operation: before anything happens, or once it has
    happened. `repeats_refused` makes AWS refuse content that any version had.
    """

    versions: list[str] = field(default_factory=list)
    default: int = 1
    format: str = "JSON"
    status: str = "Active"
    owner: str = ACCOUNT
    repeats_refused: bool = False
    answers_garbled: bool = False
    before: dict[str, BaseException] = field(default_factory=dict)
    after: dict[str, BaseException] = field(default_factory=dict)
    unreadable: Exception | None = None
    written: list[tuple[str, dict[str, JSON]]] = field(default_factory=list)
    at_pause: Callable[[], None] = lambda: None
    at_write: Callable[[], None] = lambda: None

    @property
    def text(self) -> str:
        """The newest text."""
        return self.versions[-1]

    @property
    def newest(self) -> int:
        """The newest version's number."""
        return len(self.versions)

    def account(self) -> str:
        return self.owner

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        assert service == "ssm"
        assert parameters["Name"] == NAME
        if self.unreadable is not None:
            raise self.unreadable
        if not self.versions:
            return None
        if operation == "GetDocument":
            assert parameters["DocumentVersion"] == "$LATEST"
            assert parameters["DocumentFormat"] == self.format
            return {"DocumentVersion": str(self.newest), "Content": self.text, "Status": self.status}
        assert operation == "DescribeDocument"
        document: dict[str, JSON] = {
            "Name": NAME,
            "LatestVersion": str(self.newest),
            "DefaultVersion": str(self.default),
            "Status": self.status,
        }
        return {"Document": document}

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        assert service == "ssm"
        self.at_write()
        if operation in self.before:
            raise self.before[operation]
        answer = self._write(operation, parameters)
        self.written.append((operation, dict(parameters)))
        if operation in self.after:
            raise self.after[operation]
        return answer

    def pause(self) -> None:
        self.at_pause()

    def _write(self, operation: str, parameters: Mapping[str, JSON]) -> Response:
        match operation:
            case "CreateDocument" | "UpdateDocument":
                content = str(parameters["Content"])
                if operation == "UpdateDocument" and parameters["DocumentVersion"] != str(self.newest):
                    raise ConcurrentChangeError("the version is not the latest")
                if self.repeats_refused and content in self.versions:
                    raise ChangeFailedError("DuplicateDocumentContent", "matches another document")
                self.versions.append(content)
                description: dict[str, JSON] = {"DocumentVersion": str(self.newest), "Status": "Updating"}
                return {} if self.answers_garbled else {"DocumentDescription": description}
            case "UpdateDocumentDefaultVersion":
                self.default = int(str(parameters["DocumentVersion"]))
                return {} if self.answers_garbled else {"Description": {"DefaultVersion": str(self.default)}}
            case "DeleteDocument":
                self.versions.clear()
                return {}
        raise AssertionError(operation)
