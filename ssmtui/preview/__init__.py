"""What a plan would do, for whoever is to decide on it: in lines, in sentences, and together with others."""
