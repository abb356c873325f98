"""The text that screens show: styled text, rows, columns and notices, made from values."""
