"""How long it takes, at the longest, until a change shows on a node: what AWS documents, or SSM Agent's source says."""

from __future__ import annotations

from datetime import timedelta

# docs/facts/nodes.md §6: the credential refresher sleeps 25 to 30 minutes after AccessDeniedException.
CREDENTIALS_REFUSED = timedelta(minutes=30)
"""An agent that was refused, or got no credentials, asks again by then."""

# docs/facts/nodes.md §6, §9: after other errors, and without a way to AWS, 5 minutes that grow to an hour.
NO_WAY_TO_AWS = timedelta(hours=1)
"""An agent that could not reach AWS, or its own metadata service, tries again by then."""

# docs/facts/nodes.md §1: an agent reports every five minutes, first when it has started.
FIRST_REPORT = timedelta(minutes=5)
"""An agent that starts has reported by then."""
