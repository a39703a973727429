"""Sound: the Client class, which comes back by itself; it goes on and on, as in practice."""

import sys

from justeprix import Client, Refused
from justeprix.errors import SessionOver

with Client(port=sys.argv[1]) as client:
    try:
        for manche in client:
            bas, haut, reponse = manche.bas, manche.haut, ""
            while reponse != "gagné":
                essai = (bas + haut) // 2
                try:
                    reponse = client.propose(essai)
                except Refused as refus:
                    print(refus)
                    continue
                bas, haut = (essai + 1, haut) if reponse == "plus" else (bas, essai - 1)
    except SessionOver as fin:
        print(fin)
