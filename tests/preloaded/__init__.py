"""ssmtui imported once and forked for each command of a test: importing takes longer than what a command does."""
