"""Tries out a pupil's client: it plays against the true host, through a relay that plays tricks."""
