"""How fast is justeprix, beside the smallest servers of the same game?

python -m tests.bench              # everything, some four minutes; Linux only
python -m tests.bench --players 30 --servers justeprix asyncio --rounds 3
python -m tests.bench --idle 10000 # the memory of 10,000 connections that say nothing
python -m tests.bench --contest    # competitions of 1,000 players, beside practice

servers.py   the servers to compare, each run in a process of its own
load.c       plays as all the players at once; load.py does the same where there is no C compiler
load.h       what load.c and contest.c share
contest.py   one competition: a host directed by its console; contest.c plays as its players
measure.py   one measurement: start a server, let the load play, read what both took
report.py    the tables
__main__.py  the options, the rounds
"""
