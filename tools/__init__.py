"""Programs for maintainers: pages, pictures, comparisons, benchmarks and trust tests."""
