"""Versions of the Session Manager plugin from which on, or up to which, something is so (docs/facts/nodes.md §10)."""

from __future__ import annotations

OLDEST_SUPPORTED = "1.2.764.0"
"""Systems Manager User Guide, session-manager-working-with-install-plugin."""
WITHDRAWN = {"1.2.889.0": "1.2.896.0", "1.2.688.0": "1.2.694.0"}
"""Deprecated in plugin-version-history, each with the version that took back what it had changed."""
DROPS_TEMPORARY_CREDENTIALS = "1.2.792.0"
"""github.com/aws/session-manager-plugin, issue 136: ResumeSession is refused after some 60 minutes."""
AMAZON_ONLY = "1.2.889.0"
"""From this one on it takes no stream URL but AWS's own (docs/facts/data-channel.md §1): none of a simulated AWS."""
TAKES_NO_VARIABLE = "1.2.497.0"
"""The last one that takes the session's token as an argument only, for everyone here to see (awscli/customizations)."""
BUILT_FROM_SOURCE = "1.2.0.0"
"""What one says that was built from AWS's source without its release process (src/version/version.go): any version."""
