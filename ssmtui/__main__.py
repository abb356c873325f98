"""`python -m ssmtui`."""

from ssmtui.cli import main

main()
