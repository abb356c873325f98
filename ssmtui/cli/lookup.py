"""`ssmtui causes`, `checks` and `policy`: the causes, the checks, and their permissions. Sends nothing to AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.errors import UsageError
from ssmtui.cli.notices import suggest
from ssmtui.cli.printing import print_json, print_lines, print_message, terminal_width
from ssmtui.cli.progress import show_progress
from ssmtui.language import say
from ssmtui.report.catalogue import catalogue_lines, cause_lines, causes_document, check_lines, checks_document
from ssmtui.report.exit_code import ExitCode
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.model.plan import JSON
    from ssmtui.report.policy import PolicyTarget, Purpose


def show_causes(listing_format: str, slug: str | None = None) -> ExitCode:
    """Print the catalogue, or one cause, as `table` or `json`.

    Raises:
        UsageError: there is no such cause.

    """
    if slug is not None and slug not in catalogue():
        sentence = say("unknown cause: {cause}.", cause=printable(slug))
        near = suggest(slug, catalogue())
        raise UsageError(sentence + (near or " " + say("To list all causes: ssmtui causes")))
    causes = catalogue().values() if slug is None else (catalogue()[slug],)
    if listing_format == "json":
        from ssmtui.checks.registry import all_checks

        return _print_json(causes_document(causes, all_checks()))
    width = terminal_width()
    return _print_lines(catalogue_lines(causes, width) if slug is None else cause_lines(catalogue()[slug], width))


def show_checks(listing_format: str) -> ExitCode:
    """Print the checks of a diagnosis, as `table` or `json`."""
    with show_progress(say("loading the checks")):
        from ssmtui.checks.registry import all_checks
        from ssmtui.cli.policy_actions import actions_of
        from ssmtui.evidence.readers.node_listing import LISTING_ACTIONS

        checks = all_checks()
        actions = {check.name: actions_of(check) for check in checks}
    if listing_format == "json":
        return _print_json(checks_document(checks, actions, LISTING_ACTIONS))
    return _print_lines(check_lines(checks, actions, LISTING_ACTIONS, terminal_width()))


def show_policy(purposes: Iterable[Purpose], target: PolicyTarget) -> ExitCode:
    """Print the IAM policy for these purposes, and remaining steps on standard error."""
    from ssmtui.cli.policy_actions import actions_for
    from ssmtui.report.policy import MANAGED_POLICY_HOLDS, NO_ACCOUNT, Purpose, policy_document, size_of

    asked = tuple(purposes)
    with show_progress(say("loading the checks")):
        policy = policy_document(actions_for(asked, target.others), target)
    code = _print_json(policy)
    if Purpose.SESSIONS in asked:
        sentence = say(
            "For nodes with just-in-time access, leave out ssm:StartSession: callers with this permission can open "
            "sessions without an approval."
        )
        print_message(sentence)
    if target.account == NO_ACCOUNT:
        sentence = say(
            "Replace {placeholder} with the account ID, or specify it: ssmtui policy --account …",
            placeholder=NO_ACCOUNT,
        )
        print_message(sentence)
    if (size := size_of(policy)) > MANAGED_POLICY_HOLDS:
        sentence = say(
            "The policy has {size} characters; a managed policy has at most {most}. Print --read, --fixes and "
            "--sessions separately.",
            size=size,
            most=MANAGED_POLICY_HOLDS,
        )
        print_message(sentence)
    return code


def _print_json(document: Mapping[str, JSON]) -> ExitCode:
    print_json(document)
    return ExitCode.DONE


def _print_lines(lines: Iterable[str]) -> ExitCode:
    print_lines(lines)
    return ExitCode.DONE
