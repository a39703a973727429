"""How fast is justeprix, beside the smallest servers of the same game?

python -m tests.bench              # the comparison, under ten minutes; Linux only
python -m tests.bench --players 30 --servers justeprix uvloop --rounds 3
python -m tests.bench --svg FILE   # draws it as well; for vitesse.md: justeprix/docs/vitesse.svg
python -m tests.bench --idle 10000 # the memory of 10,000 connections that say nothing
python -m tests.bench --contest    # competitions of 1,000 players, beside practice
python -m tests.bench --web        # 300 browsers, beside as many plain clients

servers.py     the servers to compare, each run in a process of its own; server.c is one of them
load.c         plays as all the players at once; load.py does the same where there is no C compiler
load.h         what the programs in C share
contest.py     one competition: a host directed by its console; contest.c plays as its players
web.py         browsers: beside plain clients, and all guessing at once; web.c plays as them
measure.py     one measurement: start a server, let the load play, read what both took
comparison.py  all servers, several times over
report.py      the tables
promises.py    what is promised of the speed, beside what was measured
chart.py       the picture
__main__.py    the options, competitions, browsers
"""
