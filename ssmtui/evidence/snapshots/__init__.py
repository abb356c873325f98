"""Write evidence to a file, and read the file in place of AWS."""

from __future__ import annotations
