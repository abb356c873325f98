"""Programs that try to break ssmtui; each writes a row of docs/reliability.md."""
