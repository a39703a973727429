"""How fast is justeprix, beside the smallest servers of the same game?

python -m tests.bench              # everything, some four minutes; Linux only
python -m tests.bench --players 30 --servers justeprix asyncio --rounds 3
python -m tests.bench --idle 10000 # the memory of 10,000 connections that say nothing
python -m tests.bench --contest    # competitions of 1,000 players, beside practice
python -m tests.bench --web        # 300 browsers, beside as many plain clients

servers.py   the servers to compare, each run in a process of its own
load.c       plays as all the players at once; load.py does the same where there is no C compiler
load.h       what load.c, contest.c and web.c share
contest.py   one competition: a host directed by its console; contest.c plays as its players
web.py       browsers: beside plain clients, and all guessing at once; web.c plays as them
measure.py   one measurement: start a server, let the load play, read what both took
report.py    the tables
__main__.py  the options, the rounds
"""
