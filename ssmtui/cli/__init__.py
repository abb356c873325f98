"""The command line: commands, each a few lines that call the rest."""

from ssmtui.cli.entry import main

__all__ = ["main"]
