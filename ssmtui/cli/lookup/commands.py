"""The commands that look things up, as `commands.py` has the others: what ssmtui knows, needs and goes by."""

from __future__ import annotations

import sys

import click

from ssmtui.cli.completing.late import SHELLS, Offered, offer
from ssmtui.cli.help_page import HelpPage
from ssmtui.cli.options import common_options
from ssmtui.cli.printing import print_data
from ssmtui.report.outcome import ExitCode
from ssmtui.report.schema import Schema

_listing_format = click.option(
    "--format",
    "listing_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For people, or for programs.",
)


@click.command(cls=HelpPage)
@click.argument("slug", required=False, shell_complete=offer(Offered.CAUSES))
@_listing_format
def causes(slug: str | None, listing_format: str) -> None:
    """List the causes that ssmtui can name; of the one that is named, say all that is known."""
    from ssmtui.cli.lookup.catalogue import show_causes

    sys.exit(show_causes(listing_format, slug))


@click.command(cls=HelpPage)
@_listing_format
def checks(listing_format: str) -> None:
    """List what would be run, in order, and the IAM actions it needs."""
    from ssmtui.cli.lookup.catalogue import show_checks

    sys.exit(show_checks(listing_format))


@click.command(cls=HelpPage)
@click.argument("document", type=click.Choice([each.value for each in Schema]), default=Schema.REPORT.value)
def schema(document: str) -> None:
    """Print the JSON Schema of the report, or of what explain prints as JSON."""
    print_data(Schema(document).text)
    sys.exit(ExitCode.DONE)


@click.command(cls=HelpPage)
@click.option("--read", is_flag=True, help="What reading needs; the default.")
@click.option("--fixes", is_flag=True, help="What making and undoing changes needs besides.")
@click.option("--sessions", is_flag=True, help="What opening sessions needs: shells, commands, tunnels, probes.")
@click.option("--account", metavar="ID", help="The account it is for; a profile may tell it.")
@click.option(
    "--profile",
    metavar="P",
    help="The profile whose account it is for, where the AWS files tell that.",
    shell_complete=offer(Offered.PROFILES),
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="R",
    help="A Region it is for; repeatable. All, without.",
    shell_complete=offer(Offered.REGIONS),
)
@click.option("--role-arn", "roles", multiple=True, metavar="ARN", help="A role that is taken from there; repeatable.")
@click.option("--organization", metavar="ROLE", help="The role that is taken in each account of the organization.")
def policy(
    read: bool,  # noqa: FBT001
    fixes: bool,  # noqa: FBT001
    sessions: bool,  # noqa: FBT001
    account: str | None,
    profile: str | None,
    regions: tuple[str, ...],
    roles: tuple[str, ...],
    organization: str | None,
) -> None:
    """Print the least IAM policy that ssmtui needs, for one account and the Regions named. AWS is not asked."""
    from ssmtui.cli.lookup.catalogue import show_policy
    from ssmtui.cli.lookup.policy_target import policy_target
    from ssmtui.model.other_accounts import OtherAccounts
    from ssmtui.report.policy_resources import Purpose

    wanted = {Purpose.READ: read or not (fixes or sessions), Purpose.FIXES: fixes, Purpose.SESSIONS: sessions}
    target = policy_target(account, profile, regions, OtherAccounts(roles, organization))
    sys.exit(show_policy((purpose for purpose, asked in wanted.items() if asked), target))


@click.command(cls=HelpPage)
@_listing_format
@click.option("--example", is_flag=True, help="Print an example of a configuration file instead.")
@common_options
def info(listing_format: str, example: bool, **common: object) -> None:  # noqa: FBT001
    """Show versions, where ssmtui keeps its files, and every setting with where its value came from."""
    from ssmtui.cli.information import show_example, show_information

    sys.exit(show_example() if example else show_information(common, listing_format))


@click.command(cls=HelpPage)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.option("--install", is_flag=True, help="Have it loaded by every shell that is started from now on.")
def completion(shell: str | None, install: bool) -> None:  # noqa: FBT001
    """Print the script that completes commands, options, nodes and more when Tab is pressed; or install it.

    Without a shell it is that of the environment. What is completed is looked up on this computer alone: nodes are
    those that were listed last, Regions those that botocore knows, profiles those of the AWS files.
    """
    from ssmtui.cli.completing.installing import install_script, shell_in_use
    from ssmtui.cli.completing.scripts import script_for

    chosen = shell or shell_in_use()
    if install:
        sys.exit(install_script(chosen))
    print_data(script_for(chosen))
    sys.exit(ExitCode.DONE)


REFERENCE_COMMANDS = (causes, checks, policy, schema, info, completion)
