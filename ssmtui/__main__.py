"""`python -P -m ssmtui`. Without `-P`, Python first imports modules of the working directory, even as ssmtui."""

from ssmtui.cli import main

main()
