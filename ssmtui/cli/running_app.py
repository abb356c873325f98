"""The app run to its end; a defect that it could not outlive is one of the command that started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.ui.app.outliving import Outliving


def run_app(app: Outliving) -> None:
    """Run it until the person leaves it. Raises what ended it otherwise, for the edge of the program to tell."""
    app.run()
    if app.ended_by is not None:
        raise app.ended_by
