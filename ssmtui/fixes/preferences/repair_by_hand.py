"""How the preferences document is corrected by hand, where only its author can say what it was to be."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.fixes.preferences.new_preferences import NEW_DOCUMENT
from ssmtui.language import marked, say
from ssmtui.model.document_name import DOCUMENT_NAME
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_READ = marked("Write the newest text of the session preferences into a file.")
_CORRECT = marked("Correct it there: {faults}")
_SOUND = marked("A sound document looks like this; settings may be missing, and a document kept as YAML says the same.")
_WRITE = marked("Write it back. AWS refuses it where somebody has saved a newer version meanwhile: begin anew then.")
_DEFAULT = marked("Make the version that AWS answered with the default one, which the console shows.")


def repair_by_hand(fix: str, scope: Scope, document: PreferencesDocument, faults: Sequence[str]) -> Steps:
    """The steps, with what is wrong in them."""
    region, file = word(scope.region, "REGION"), f"preferences.{document.format.value.lower()}"
    named = f"--region {region} --name {DOCUMENT_NAME}"
    stored = f"--document-format {document.format.value}"
    version = word(document.latest_version, "VERSION")
    read = (
        f"aws ssm get-document {named} --document-version '$LATEST' \\\n"
        f"  {stored} --query Content --output text > {file}"
    )
    write = f"aws ssm update-document {named} --document-version {version} \\\n  {stored} --content file://{file}"
    default = f"aws ssm update-document-default-version {named} --document-version NEW_VERSION"
    return Steps(
        fix,
        say("Correct the session preferences by hand"),
        (
            Step(say(_READ), read),
            Step(say(_CORRECT, faults=" ".join(faults))),
            Step(say(_SOUND), NEW_DOCUMENT, Form.JSON),
            Step(say(_WRITE), write),
            Step(say(_DEFAULT), default),
        ),
    )
