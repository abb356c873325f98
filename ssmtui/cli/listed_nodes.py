"""The nodes that a command is about, listed without being diagnosed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssmtui.cli.run import Run
from ssmtui.config.declared import ENDPOINT_URL, PROFILE, REGION, TIMEOUT

if TYPE_CHECKING:
    from ssmtui.diagnosis.listing import Listing


@contextmanager
def listed_nodes(run: Run) -> Iterator[Listing]:
    """A listing of the run's scopes, closed at the end; it lends the credentials that it was made with."""
    from ssmtui.diagnosis.asked import Asked
    from ssmtui.diagnosis.listing import Listing

    settings = run.settings
    listing = Listing(
        Asked(
            settings[PROFILE],
            settings.in_force(REGION).value,
            settings[ENDPOINT_URL],
            run.nodes,
            timeout=settings[TIMEOUT],
            others=settings.others,
            regions_of=settings.regions_of,
        )
    )
    try:
        yield listing
    finally:
        listing.close()
