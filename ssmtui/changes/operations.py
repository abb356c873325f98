"""What the writer may send, and nothing else: the writes, and the reads that guard and settle them."""

from __future__ import annotations

WRITES = frozenset(
    {
        ("ssm", "CreateDocument"),
        ("ssm", "UpdateDocument"),
        ("ssm", "UpdateDocumentDefaultVersion"),
        ("ssm", "DeleteDocument"),
    }
)
READS = frozenset(
    {
        ("ssm", "DescribeDocument"),
        ("ssm", "GetDocument"),
        ("sts", "GetCallerIdentity"),
    }
)

ABSENT_CODES = frozenset({"InvalidDocument"})
"""Codes by which AWS says that the thing which is read does not exist."""

LOST_CODES = frozenset({"InvalidDocumentVersion", "DocumentAlreadyExists"})
"""Codes by which AWS says that somebody was quicker: a newer version, or the thing that was to be made."""
