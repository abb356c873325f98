"""The values that all other packages use: frozen, typed, standard library only."""
