"""All guesses in one segment: as many answers must come, in order."""

import socket
import sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
f = s.makefile("r", encoding="utf-8", newline="\n")
mots = f.readline().split()
essais = list(range(int(mots[-3]), int(mots[-1]) + 1))
s.sendall("".join(f"{essai}\n" for essai in essais).encode())
reponses = [f.readline().rstrip("\n") for _ in essais]
gagnant = reponses.index("gagné")
assert set(reponses[:gagnant]) <= {"plus"}, reponses
s.sendall(b"FIN\n")
print("gagné", essais[gagnant], f.readline().rstrip("\n"))
f.close()
s.close()
