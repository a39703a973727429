"""Fuzzing: every reader of foreign bytes, the sessions, and the whole host with a neighbour.

python -m tests.fuzz                 # every target, guided by coverage (extra `fuzz`)
python -m tests.fuzz practice --runs 200000 --seed 7
"""
