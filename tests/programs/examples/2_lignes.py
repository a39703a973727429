"""Avec des lignes : chaque message finit par "\\n", et readline attend une ligne entière.

Peu importe alors en combien de morceaux une réponse voyage. Tu joues au clavier ; la partie
finit quand tu as gagné, quand l'hôte dit FIN ou ferme, ou quand tu n'as plus envie (Ctrl-C).

    python 2_lignes.py 127.0.0.1 2300
"""

import socket
import sys

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 2300

try:
    hote = socket.create_connection((adresse, port))
except OSError:
    sys.exit(f"Personne ne répond à {adresse}:{port} : vérifie l'adresse, et que l'hôte tourne.")

lignes = hote.makefile(encoding="utf-8")
try:
    print(lignes.readline().strip())
    while True:
        texte = input("Ton nombre : ")
        hote.sendall((texte + "\n").encode())
        reponse = lignes.readline()
        if reponse == "":  # même une ligne vide a son "\n" : c'est que l'hôte a fermé
            print("L'hôte a fermé.")
            break
        print(reponse.strip())
        if reponse.strip() in ("gagné", "FIN"):
            break
except OSError:
    print("Le lien est coupé.")
except (EOFError, KeyboardInterrupt):  # la fin de ce qui est tapé, ou Ctrl-C
    print("Au revoir !")
hote.close()
