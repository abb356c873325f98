"""Remediation."""
