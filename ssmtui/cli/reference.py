"""`ssmtui causes`, `checks` and `policy`: what ssmtui knows, what it would run, and what it needs. AWS is not asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.check import all_checks
from ssmtui.model.plan import JSON
from ssmtui.report.causes import cause_lines, causes_document
from ssmtui.report.checks import check_lines, checks_document
from ssmtui.report.outcome import ExitCode
from ssmtui.report.policy import Purpose, policy_document


def show_causes(listing_format: str) -> ExitCode:
    """Print the catalogue, as `table` or `json`."""
    if listing_format == "json":
        return _print_json(causes_document(catalogue().values(), all_checks()))
    return _print_lines(cause_lines(catalogue().values()))


def show_checks(listing_format: str) -> ExitCode:
    """Print what a diagnosis would run, as `table` or `json`."""
    if listing_format == "json":
        return _print_json(checks_document(all_checks()))
    return _print_lines(check_lines(all_checks()))


def show_policy(purposes: Iterable[Purpose]) -> ExitCode:
    """Print the IAM policy for these purposes."""
    return _print_json(policy_document(purposes))


def _print_json(document: Mapping[str, JSON]) -> ExitCode:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    return ExitCode.DONE


def _print_lines(lines: Iterable[str]) -> ExitCode:
    for line in lines:
        click.echo(line)
    return ExitCode.DONE
