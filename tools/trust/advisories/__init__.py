"""Advisories, licences and wheels of the dependencies."""
