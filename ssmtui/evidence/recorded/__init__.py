"""Evidence as a file: what readers gave, recorded where they answer, and given again where there is no AWS."""
