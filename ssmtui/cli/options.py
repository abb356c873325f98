"""How the command line is read: options may stand before or after the command, and no command means the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from ssmtui import __version__

F = TypeVar("F", bound=Callable[..., object])

_VALUED = frozenset({"--profile", "--region", "--endpoint-url", "--config", "--log-file"})


class Commands(click.Group):
    """The commands, which may stand behind their options: `ssmtui --profile p check`. No command means `open`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Bring the command to the front."""
        if args and set(args) <= {"--help", "--version", "-h"}:
            return super().parse_args(ctx, args)
        place = self._command_place(args)
        if place is None:
            return super().parse_args(ctx, ["open", *args])
        return super().parse_args(ctx, [args[place], *args[:place], *args[place + 1 :]])

    def _command_place(self, args: list[str]) -> int | None:
        skip = False
        for place, word in enumerate(args):
            if skip:
                skip = False
            elif word == "--":
                return None
            elif word.startswith("-"):
                skip = word in _VALUED
            else:
                return place if word in self.commands else None
        return None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands that have a name of their own, in the order of their use."""
        return [name for name in self.commands if not self.commands[name].hidden]


def common_options(function: F) -> F:
    """The options that every command about an account takes."""
    for option in reversed(
        (
            click.option("--profile", "profiles", multiple=True, metavar="P", help="AWS profile; repeatable."),
            click.option("--region", "regions", multiple=True, metavar="R", help="Region; repeatable, or 'all'."),
            click.option("--endpoint-url", metavar="URL", help="Send every request there."),
            click.option("--read-only", is_flag=True, help="Remove everything that can write."),
            click.option(
                "--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="Configuration file."
            ),
            click.option(
                "--log-file", metavar="FILE", type=click.Path(path_type=Path), help="Write a log of the AWS calls."
            ),
            click.option("--no-color", is_flag=True, help="No colour."),
        )
    ):
        function = option(function)
    return function


def version_option(function: F) -> F:
    """`--version`."""
    return click.version_option(__version__, prog_name="ssmtui", message="%(prog)s %(version)s")(function)
