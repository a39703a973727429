"""The load generator: many players in a few processes, and what their game tells of a host.

scout.py       one look at the host before anybody plays: what it plays, whether we may come in
player.py      one player's binary search, line by line. Pure
tally.py       what a process has seen; those of several processes add up. Pure
histogram.py   waits in buckets that are the same everywhere. Pure
load.py        one process: its sockets, its players, the clock
crew.py        starts the processes, tells them when, hears what they say
verdict.py     the figures, and the sentences that say how far to trust them. Pure
"""
