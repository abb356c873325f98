"""The simulated Systems Manager's documents without HTTP: the operations that the server calls, called here.

A request over HTTP takes several milliseconds, for signing, sending and parsing; what AWS does with documents is in the
operations themselves, and these are the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.session import Session

from ssmtui.aws.errors import CONFLICT_CODES, NOT_FOUND_CODES
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.plan import JSON
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.remediation.operations.catalog import READS, WRITES
from ssmtui.remediation.operations.write_operation import ChangeFailedError, ConcurrentChangeError, Response
from ssmtui.simulator import state
from ssmtui.simulator.call import ApiCall, AwsError
from ssmtui.simulator.call import Response as HttpAnswer
from ssmtui.simulator.operations import handlers

_SSM = Session().get_service_model("ssm")


@dataclass(frozen=True, slots=True)
class DocumentsInProcess:
    """The documents of one account and Region of the simulated AWS, behind the writer's protocol."""

    scope: Scope

    def save(self, text: str, stored: DocumentFormat) -> PreferencesDocument:
        """Have these preferences, and no version before."""
        state.hidden(self.scope.account, self.scope.region).documents.clear()
        named: dict[str, JSON] = {"Name": DOCUMENT_NAME, "DocumentType": "Session"}
        self._ask("CreateDocument", {**named, "DocumentFormat": stored.value, "Content": text})
        return self.stored(stored)

    def stored(self, stored: DocumentFormat) -> PreferencesDocument:
        """The document as it is read."""
        document = state.hidden(self.scope.account, self.scope.region).documents[DOCUMENT_NAME]
        latest, default = document.latest, document.default
        arn = self.scope.arn("ssm", f"document/{DOCUMENT_NAME}")
        return PreferencesDocument(
            arn,
            stored,
            str(latest.number),
            str(default.number),
            parse_document_text(latest.content, stored),
            default.content,
        )

    def account(self) -> str:
        return self.scope.account

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        assert (service, operation) in READS
        try:
            return self._ask(operation, parameters)
        except AwsError as error:
            if error.code in NOT_FOUND_CODES:
                return None
            raise ChangeFailedError(error.code, str(error)) from error

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        assert (service, operation) in WRITES
        try:
            return self._ask(operation, parameters)
        except AwsError as error:
            if error.code in CONFLICT_CODES:
                raise ConcurrentChangeError(str(error)) from error
            raise ChangeFailedError(error.code, str(error)) from error

    def pause(self) -> None:
        """A version is active at once here."""

    def _ask(self, operation: str, parameters: Mapping[str, JSON]) -> Response:
        handler = handlers.get(("ssm", operation))
        assert handler is not None
        scope, model = self.scope, _SSM.operation_model(operation)
        call = ApiCall("ssm", operation, parameters, scope.account, scope.region, scope.caller, model, _nothing_of_moto)
        answer: Response = handler(call)
        return answer


def _nothing_of_moto() -> HttpAnswer:
    raise AssertionError("documents are ssmtui's own, and none of moto's")
