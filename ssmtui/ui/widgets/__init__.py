"""The parts of screens: tables, panes and lines that paint the texts of `ui/text`. No widget depends on a screen."""
