"""What a custom document asks of whoever opens a session by it: told or asked for before AWS is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ssmtui.cli.refusals import UsageError
from ssmtui.cli.sessions.request import Wanted
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.session.opening.asked import still_to_ask, why_not_these

if TYPE_CHECKING:
    from ssmtui.diagnosis.inquiry import Inquiry


def with_what_is_asked(inquiry: Inquiry, scope: Scope, wanted: Wanted, *, on_terminal: bool) -> Wanted:
    """What is wanted, with a value for each parameter that the custom document declares without a default.

    Of a document that cannot be read nothing is known: AWS tells what it does not take.

    Raises:
        UsageError: the document does not take what was given, or lacks something and nobody is there to be asked.

    """
    if scope.document is None:
        return wanted
    settings = inquiry.region_facts(scope.name).result().preferences
    if not isinstance(settings, SessionPreferences) or not settings.document_exists:
        return wanted
    given = dict(wanted.parameters)
    if why := why_not_these(settings.parameters, given):
        raise UsageError(f"{why}.")
    missing = still_to_ask(settings.parameters, given)
    if missing and not on_terminal:
        raise UsageError(_lacks(scope.document, missing))
    asked = tuple((each.name, (_asked(each),)) for each in missing)
    return replace(wanted, parameters=(*wanted.parameters, *asked))


def _asked(parameter: DocumentParameter) -> str:
    text = printable(f"{parameter.name}: {parameter.description}" if parameter.description else parameter.name)
    kind = click.Choice(parameter.allowed) if parameter.allowed else click.STRING
    return str(click.prompt(text, type=kind, err=True))


def _lacks(document: str, missing: Sequence[DocumentParameter]) -> str:
    words = " ".join(printable(f"--parameter {each.name}=…") for each in missing)
    return say("the document {document} asks for more: {words}", document=printable(document), words=words)
