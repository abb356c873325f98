"""Remediation: plan a fix, preview it, apply or undo it with a journal, or export it for others."""
