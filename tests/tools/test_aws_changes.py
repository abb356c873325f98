"""`tools/aws_changes.py`: what differs between two service models, and when the lock is ahead of the review."""

from __future__ import annotations

import pytest

from tools.aws_changes import CHANGES, Model, changes, lock_warning, reviewed, used_operations

OLD: Model = {
    "operations": {
        "GetKey": {
            "input": {"shape": "GetKeyRequest"},
            "output": {"shape": "GetKeyAnswer"},
            "errors": [{"shape": "NotFound"}],
            "documentation": "<p>Returns a key. You can give an alias.</p>",
        },
        "PutKey": {"input": {"shape": "PutKeyRequest"}},
    },
    "shapes": {
        "GetKeyRequest": {"type": "structure", "members": {"Id": {"shape": "Id"}}},
        "GetKeyAnswer": {"type": "structure", "members": {"Keys": {"shape": "Keys"}}},
        "Keys": {"type": "list", "member": {"shape": "Key"}},
        "Key": {"type": "structure", "members": {"State": {"shape": "State", "documentation": "<p>The state.</p>"}}},
        "State": {"type": "string", "enum": ["on", "off"]},
        "PutKeyRequest": {"type": "structure", "members": {"Id": {"shape": "Id"}}, "required": ["Id"]},
        "Id": {"type": "string"},
        "NotFound": {"type": "structure"},
    },
}
NEW: Model = {
    "operations": {
        "GetKey": {
            **OLD["operations"]["GetKey"],
            "errors": [{"shape": "NotFound"}, {"shape": "Busy"}],
            "documentation": "<p>Returns a key. You can't give an alias.</p>",
        },
        "ShareKey": {},
    },
    "shapes": {
        **OLD["shapes"],
        "Key": {
            "type": "structure",
            "members": {
                "State": {"shape": "State", "documentation": "<p>The state of a <i>local</i> key.</p>"},
                "Owner": {"shape": "Id"},
            },
        },
        "State": {"type": "string", "enum": ["on", "gone"]},
        "PutKeyRequest": {"type": "structure", "members": {"Id": {"shape": "Id"}}},
    },
}


def test_the_list_marks_what_ssmtui_uses_and_shows_how_its_documentation_changed() -> None:
    assert [(each.used, each.text) for each in changes(OLD, NEW, frozenset({"GetKey"}))] == [
        (True, "operation GetKey: error + Busy"),
        (True, "GetKey: documentation\n      - You can give an alias.\n      + You can't give an alias."),
        (False, "operation PutKey removed"),
        (False, "operation ShareKey added"),
        (True, "Key + Owner"),
        (True, "Key.State: documentation\n      - The state.\n      + The state of a local key."),
        (False, "PutKeyRequest: required - Id"),
        (True, "State: value + gone"),
        (True, "State: value - off"),
    ]


def test_equal_models_have_no_changes() -> None:
    assert list(changes(OLD, OLD, frozenset({"GetKey", "PutKey"}))) == []


def test_reads_changes_and_sessions_count_as_used() -> None:
    used = used_operations()
    assert {"ListGrants", "CancelKeyDeletion", "GenerateDataKey"} <= used["kms"]


@pytest.mark.parametrize(
    ("locked", "warning"),
    [
        ("1.9.9", ""),
        ("1.43.117", ""),
        (
            "1.44.0",
            "requirements.lock has botocore 1.44.0, but docs/facts/changes.md was reviewed up to 1.43.117. "
            "Run: make -C tools changes FROM=1.43.117 TO=1.44.0",
        ),
    ],
)
def test_a_lock_that_is_ahead_of_the_review_is_a_warning(locked: str, warning: str) -> None:
    page = "# Changes\n\nReviewed up to botocore 1.43.117.\n"
    assert lock_warning(f"boto3==1.0.0 \\\nbotocore=={locked} \\\n    --hash=sha256:0\n", page) == warning


def test_the_page_names_the_reviewed_version() -> None:
    assert reviewed(CHANGES.read_text(encoding="utf-8")).count(".") == 2
