"""Taking what names somebody out of what is shown to others, so that it still reads and still fits together."""
