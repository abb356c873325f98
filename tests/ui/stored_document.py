"""A preferences document in memory, behind the writer's interface: what the change desk writes to in these tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ssmtui.model.plan import JSON
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations.write_operation import ChangeRefusedError, Response
from tests.ui.builders import ACCOUNT
from tests.ui.demo_fleet import DOCUMENT


class StoredDocument:
    """Versions of the document, as Systems Manager keeps them."""

    def __init__(self, content: str = DOCUMENT, version: int = 4) -> None:
        self.versions = {version: content}
        self.default = version
        self.refuses = False
        self.breaks: Exception | None = None
        self.calls: list[str] = []

    @property
    def latest(self) -> int:
        return max(self.versions)

    @property
    def content(self) -> str:
        return self.versions[self.latest]

    def account(self) -> str:
        return ACCOUNT

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        if operation == "GetDocument":
            return {"Content": self.content, "DocumentVersion": str(self.latest)}
        description: dict[str, JSON] = {
            "Name": parameters["Name"],
            "LatestVersion": str(self.latest),
            "DefaultVersion": str(self.default),
            "Status": "Active",
        }
        return {"Document": description}

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        self.calls.append(operation)
        if self.breaks is not None:
            raise self.breaks
        if self.refuses:
            raise ChangeRefusedError(f"{service}:{operation}", "not authorized to perform that")
        if operation == "UpdateDocumentDefaultVersion":
            self.default = int(str(parameters["DocumentVersion"]))
            return {}
        version = self.latest + 1
        self.versions[version] = str(parameters["Content"])
        return {"DocumentDescription": {"DocumentVersion": str(version)}}

    def pause(self) -> None:
        """Nothing takes time here."""

    def desk(self, folder: Path) -> ChangeService:
        return ChangeService(Journal(folder), lambda _scope: self)
