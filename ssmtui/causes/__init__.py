"""The catalogue of causes: what people read about each, one Markdown file a cause."""
