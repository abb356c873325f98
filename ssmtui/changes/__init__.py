"""Changes: journalled before they are made, made by one writer, taken back while nobody else was there."""
