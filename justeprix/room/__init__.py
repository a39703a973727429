"""What all players share, under one lock: who may come in, what is kept, who moves it on.

Locks, but no thread and no socket.
"""
