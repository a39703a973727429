"""Avec la classe Client : si le lien se coupe, elle revient et la partie continue.

Pas de socket, pas de lignes à découper : propose(50) rend "plus", "moins" ou "gagné". Elle
demande un hôte justeprix ; à un serveur plus simple, parle comme 2_lignes.py.

    python 4_client.py 127.0.0.1 2300
"""

import sys

from justeprix import Client, Refused
from justeprix.errors import ClientError, SessionOver

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 2300


def joue(client):
    """Demande des nombres jusqu'à ce que le bon soit trouvé."""
    bas, haut = client.bornes
    print(f"Un nombre entre {bas} et {haut}.")
    reponse, coups = "", 0
    while reponse != "gagné":
        nombre = input("Ton nombre : ")
        try:
            reponse = client.propose(nombre)
            coups += 1
            print(reponse)
        except Refused as refus:  # l'hôte dit ce qui cloche, et le coup ne compte pas
            print(refus)
    print("Coups :", coups)


try:
    with Client(host=adresse, port=port) as client:  # en sortant d'ici, il dit FIN
        joue(client)
except (EOFError, KeyboardInterrupt):  # la fin de ce qui est tapé, ou Ctrl-C
    print("Au revoir !")
except SessionOver as fin:  # l'hôte a fermé la partie
    print(f"C'est fini : {fin}.")
except ClientError as erreur:  # personne, ou quelqu'un d'autre
    sys.exit(str(erreur))
