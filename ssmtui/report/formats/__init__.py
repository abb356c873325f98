"""The formats of reports: one module per format, each with a function decorated with `@report_format(…)`."""

DEFAULT = "table"
"""The default format."""
