"""The prose linter: `make prose` checks the wording of every text that people read.

`texts` collects the texts, `style` holds the project's rules, as checks of proselint.
"""
