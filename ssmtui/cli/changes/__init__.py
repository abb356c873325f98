"""Changes without a screen: previewed, made, handed over, taken back."""
