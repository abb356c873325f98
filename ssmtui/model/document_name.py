"""The name of the document by which sessions are opened where no other is named."""

from __future__ import annotations

DOCUMENT_NAME = "SSM-SessionManagerRunShell"
"""The document that holds a Region's session preferences (Systems Manager User Guide, session-manager-schema)."""
