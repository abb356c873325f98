"""What tries hard to break ssmtui: each module or package is a program of `make`, its quick part a test beside it."""
