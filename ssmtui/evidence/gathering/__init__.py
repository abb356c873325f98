"""How facts are come by: wired by annotations, read once each, gathered on a loop of its own."""
