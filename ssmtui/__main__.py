"""`python -P -m ssmtui`; without `-P` Python takes modules of the working directory first, ssmtui too."""

from ssmtui.cli import main

main()
