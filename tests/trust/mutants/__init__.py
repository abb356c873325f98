"""Changes of the code that no test notices (`make mutants`): what survives is a sentence that no test says.

Neither of the known tools can be used on this tree. mutmut passes over every function that has a decorator, and every
check, reader and derivation has one; what it puts around the others takes away the annotations that needs are wired by.
cosmic-ray writes its changes into the tree, and starts a whole pytest for each. Here tests are collected once, and each
mutant is a child of that process in which the code of one function is another.
"""
