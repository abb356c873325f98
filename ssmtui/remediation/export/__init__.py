"""Export plans as text for others: AWS CLI, Terraform, CloudFormation, IAM policy, Markdown."""

from __future__ import annotations
