"""`ssmtui causes`, `checks` and `policy`: what ssmtui knows, what it would run, and what it needs. AWS is not asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.causes import cause_lines, causes_document
from ssmtui.report.checks import check_lines, checks_document
from ssmtui.report.outcome import ExitCode
from ssmtui.report.policy import ANYBODY, MANAGED_POLICY_HOLDS, policy_document, size_of
from ssmtui.report.policy_resources import NO_ACCOUNT, PolicyTarget, Purpose


def show_causes(listing_format: str) -> ExitCode:
    """Print the catalogue, as `table` or `json`."""
    if listing_format == "json":
        from ssmtui.checks.check import all_checks

        return _print_json(causes_document(catalogue().values(), all_checks()))
    return _print_lines(cause_lines(catalogue().values()))


def show_checks(listing_format: str) -> ExitCode:
    """Print what a diagnosis would run, as `table` or `json`."""
    from ssmtui.checks.check import all_checks
    from ssmtui.cli.needed_actions import actions_of
    from ssmtui.evidence.readers.nodes.listing import LISTING_ACTIONS

    checks = all_checks()
    actions = {check.name: actions_of(check) for check in checks}
    if listing_format == "json":
        return _print_json(checks_document(checks, actions, LISTING_ACTIONS))
    return _print_lines(check_lines(checks, actions, LISTING_ACTIONS))


def show_policy(purposes: Iterable[Purpose], target: PolicyTarget = ANYBODY) -> ExitCode:
    """Print the IAM policy for these purposes, and on standard error what is still to be done with it."""
    from ssmtui.cli.needed_actions import actions_for

    asked = tuple(purposes)
    policy = policy_document(actions_for(asked, target.others), target)
    code = _print_json(policy)
    if Purpose.SESSIONS in asked:
        sentence = say(
            "Where access to nodes is asked for each time (just-in-time access), leave ssm:StartSession out: whoever "
            "may open sessions by themselves is asked for no approval."
        )
        click.echo(f"ssmtui: {sentence}", err=True)
    if target.account == NO_ACCOUNT:
        sentence = say(
            "Put the account's number in the place of {placeholder}, or name it: ssmtui policy --account …",
            placeholder=NO_ACCOUNT,
        )
        click.echo(f"ssmtui: {sentence}", err=True)
    if (size := size_of(policy)) > MANAGED_POLICY_HOLDS:
        sentence = say(
            "It has {size} characters, and a managed policy holds {most}: print --read, --fixes and --sessions apart.",
            size=size,
            most=MANAGED_POLICY_HOLDS,
        )
        click.echo(f"ssmtui: {sentence}", err=True)
    return code


def _print_json(document: Mapping[str, JSON]) -> ExitCode:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    return ExitCode.DONE


def _print_lines(lines: Iterable[str]) -> ExitCode:
    for line in lines:
        click.echo(line)
    return ExitCode.DONE
