"""An AWS of precomputed pages: a big fleet to measure on. Answers are looked up and never evaluated.

It is a process of its own, so that its work is not counted; it shares no line with the simulator or with ssmtui.
"""
