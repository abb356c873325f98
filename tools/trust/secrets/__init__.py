"""Secrets in everything that ssmtui prints, writes and starts."""
