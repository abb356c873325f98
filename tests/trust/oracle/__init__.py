"""Random small accounts, judged by the product and by an evaluator written from AWS's documents alone.

Nothing in `language`, `layers` and `packets` has looked into the product's evaluators, nor into the simulator's.
"""
