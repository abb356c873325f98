"""Shell completion: nothing of it asks AWS."""

from __future__ import annotations
