"""The text that screens show: styled text, rows, columns and notices, built from plain values."""
