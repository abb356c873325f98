"""Read AWS: profiles, credentials, clients, throttling, parsing and errors."""

from __future__ import annotations
