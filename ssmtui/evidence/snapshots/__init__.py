"""Write evidence to a file, and read it in the place of AWS."""

from __future__ import annotations
