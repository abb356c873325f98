"""Windows has no terminal that could be taken apart: what is done to one is tested where there is."""

from __future__ import annotations

import sys

collect_ignore = ["test_holding.py"] if sys.platform == "win32" else []
