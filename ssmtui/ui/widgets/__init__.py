"""What screens are made of: tables, panes and lines that paint what the words say. No widget knows a screen."""
