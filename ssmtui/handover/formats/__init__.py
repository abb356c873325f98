"""One module a format that a change is handed over in: one with a function `@handed_over(…)` is all that it takes."""
