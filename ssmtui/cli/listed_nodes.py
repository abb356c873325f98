"""The nodes that a command is about, listed without being diagnosed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssmtui.cli.progress import working
from ssmtui.cli.run import Run
from ssmtui.config.declared import ENDPOINT_URL, PROFILE, REGION, TIMEOUT
from ssmtui.language import say

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState
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


def state_of(run: Run, listing: Listing) -> FleetState:
    """What is listed when each scope has been, its progress shown where nobody is asked for a code meanwhile."""
    from ssmtui.evidence.wire.prompting import may_prompt

    asks = any(may_prompt(profile, os.environ) for profile in run.settings[PROFILE] or (None,))
    with working(say("looking for nodes"), lambda: not asks):
        state = listing.state()
    run.remember(state)
    return state
