"""The command line: each command is a few lines that call the other packages."""

from ssmtui.cli.entry import main

__all__ = ["main"]
