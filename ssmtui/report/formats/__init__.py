"""One module a format of reports: one with a function `@report_format(…)` is all that it takes."""
