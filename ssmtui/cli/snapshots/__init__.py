"""Snapshots: evidence recorded, redacted, and opened without AWS."""
