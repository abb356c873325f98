"""The catalogue of causes: what people read about each cause, one Markdown file per cause."""
