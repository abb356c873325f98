"""What screens are made of. No widget knows a screen."""
