"""What is tried on a server: the gentle things first, those that may end it last."""

from __future__ import annotations

from justeprix.workshop.check.finding import Check
from justeprix.workshop.check.server import crowd, rough, solo
from justeprix.workshop.check.server.visitor import Visitors

__all__ = ["SERVER_CHECKS"]

SERVER_CHECKS: tuple[Check[Visitors], ...] = (
    # One client.
    Check(
        "accueil",
        "accueille qui se connecte",
        solo.greeted,
        expected="hello justeprix/1 entre 1 et 100, tout de suite",
        explanation="le serveur parle le premier, et le client lit les bornes : le dernier mot et"
        " le troisième en partant de la fin",
        look_for="client, adresse = serveur.accept()\n"
        'client.sendall(b"hello justeprix/1 entre 1 et 100\\n")',
    ),
    Check(
        "suivant",
        "sert le client suivant",
        solo.next_client,
        expected="quand un client est parti, un autre peut venir",
        explanation="accept() rend un seul client : il faut le rappeler pour chacun",
        look_for="while True:\n    client, adresse = serveur.accept()",
        needs=("accueil",),
    ),
    Check(
        "lignes",
        "termine ses messages par une fin de ligne",
        solo.whole_lines,
        expected="chaque message finit par \\n",
        explanation="TCP porte des octets à la suite, pas des messages : deux sendall peuvent"
        " arriver dans un seul recv",
        look_for='client.sendall(b"plus\\n")',
        needs=("suivant",),
    ),
    Check(
        "reponse",
        "envoie une réponse par message, et rien d'autre",
        solo.one_reply,
        expected="une ligne à l'arrivée, puis une ligne pour chaque ligne reçue",
        explanation="le client envoie une ligne et en lit une : une de trop décale toutes les"
        " suivantes",
        look_for="for ligne in lignes:\n    client.sendall(reponse)  # une seule fois par ligne",
        needs=("suivant",),
    ),
    Check(
        "fin",
        "finit sur FIN",
        solo.farewell,
        expected="FIN reçoit FIN, puis le serveur ferme la connexion",
        explanation="le client qui s'arrête attend cette dernière ligne",
        look_for='if message.upper() == "FIN":\n    client.sendall(b"FIN\\n")\n    client.close()',
        needs=("reponse",),
    ),
    Check(
        "sens",
        "ne confond pas plus et moins",
        solo.direction,
        expected="plus si le secret est plus grand que le nombre, moins s'il est plus petit",
        explanation="la réponse dit où est le secret, et non où est le nombre du client",
        look_for='if secret > nombre:\n    reponse = "plus"',
        needs=("reponse",),
    ),
    Check(
        "constant",
        "garde son secret",
        solo.same_answer,
        expected="le même nombre reçoit toujours la même réponse",
        explanation="le secret est tiré une fois par partie, avant la boucle qui lit les coups",
        look_for="secret = random.randint(1, 100)\nwhile True:\n    message = client.recv(1024)",
        needs=("sens",),
    ),
    Check(
        "secret",
        "laisse trouver le secret",
        solo.secret_found,
        expected="en coupant chaque fois l'intervalle en deux, on arrive à gagné",
        explanation="le secret est entre les bornes annoncées, toutes deux permises, et aucune"
        " réponse n'en contredit une autre",
        look_for='elif nombre == secret:\n    reponse = "gagné"',
        needs=("constant",),
    ),
    Check(
        "encore",
        "joue une autre partie après gagné",
        solo.another_game,
        expected="après gagné, le nombre suivant joue contre un nouveau secret, ou la connexion"
        " finit ; qui revient peut jouer",
        explanation="une partie gagnée n'arrête ni le serveur ni le jeu",
        look_for='if reponse == "gagné":\n    secret = random.randint(1, 100)',
        needs=("secret",),
    ),
    Check(
        "hors-bornes",
        "refuse un nombre hors des bornes",
        solo.bounds_kept,
        expected="une ligne qui commence par erreur",
        explanation="le client apprend ainsi que son coup ne peut pas être bon",
        look_for="if not 1 <= nombre <= 100:",
        needs=("sens",),
    ),
    # Several clients.
    Check(
        "deux",
        "accueille un second client pendant que le premier est là",
        crowd.second_client,
        expected="chaque client est accueilli tout de suite",
        explanation="une boucle qui sert un client ne peut pas accepter le suivant : il faut un"
        " fil d'exécution pour chacun",
        look_for="threading.Thread(target=joue, args=(client,)).start()",
        needs=("suivant",),
    ),
    Check(
        "reflexion",
        "répond à l'un pendant que l'autre réfléchit",
        crowd.slow_thinker,
        expected="chaque client reçoit sa réponse tout de suite",
        explanation="recv attend : ni verrou ni boucle commune ne doit attendre avec lui",
        look_for="message = client.recv(1024)  # jamais dans un « with verrou: »",
        needs=("deux", "reponse"),
    ),
    Check(
        "partage",
        "a un secret par client",
        crowd.own_secrets,
        expected="chaque client a son secret, que les autres ne changent pas",
        explanation="une variable du module est la même pour tous les clients ; une variable de la"
        " fonction est à chacun",
        look_for="def joue(client):\n    secret = random.randint(1, 100)",
        needs=("reflexion", "secret"),
    ),
    Check(
        "trente",
        "joue avec trente clients à la fois",
        crowd.class_plays,
        expected="les trente trouvent leur secret",
        explanation="c'est une classe : chacun sa partie, toutes en même temps",
        look_for="serveur.listen(30)\nthreading.Thread(target=joue, args=(client,)).start()",
        needs=("partage",),
    ),
    # What may end a server.
    Check(
        "moitie",
        "attend la fin d'une ligne coupée en deux",
        rough.half_lines,
        expected="rien avant la fin de ligne, puis une réponse à la ligne entière",
        explanation="un recv rend ce qui est arrivé jusque-là : une moitié de message, un message,"
        " ou plusieurs",
        look_for='lignes = client.makefile("r", encoding="utf-8")\nfor ligne in lignes:',
        needs=("constant",),
    ),
    Check(
        "collees",
        "sépare les lignes arrivées ensemble",
        rough.glued_lines,
        expected="une réponse pour chaque ligne, dans l'ordre",
        explanation="un recv peut rendre plusieurs messages à la fois",
        look_for='lignes = client.makefile("r", encoding="utf-8")\nfor ligne in lignes:',
        needs=("lignes", "moitie"),
    ),
    Check(
        "mots",
        "répond à ce qui n'est pas un nombre",
        rough.unknown_words,
        expected="une ligne qui commence par erreur, et la partie continue",
        explanation="int() lève ValueError, et sans except ton programme s'arrête là",
        look_for="try:\n    nombre = int(message)\nexcept ValueError:",
        needs=("constant",),
    ),
    Check(
        "octets",
        "répond à ce qui n'est pas du texte en UTF-8",
        rough.unreadable_bytes,
        expected="une ligne qui commence par erreur, et la partie continue",
        explanation="decode() lève UnicodeDecodeError, et sans except ton programme s'arrête là",
        look_for='texte = message.decode("utf-8", errors="replace")',
        needs=("mots",),
    ),
    Check(
        "coupure",
        "survit au départ brutal d'un client",
        rough.abrupt_ends,
        expected="le serveur oublie ce client et sert les autres",
        explanation='recv rend b"" quand le client a fermé, et lève ConnectionError quand il est'
        " coupé net ; sendall aussi",
        look_for="try:\n    message = client.recv(1024)\nexcept ConnectionError:",
        needs=("reponse",),
    ),
    Check(
        "voisins",
        "garde la partie des autres quand un client part",
        crowd.neighbours,
        expected="les autres jouent comme si de rien n'était",
        explanation="le départ d'un client ne regarde que lui",
        look_for="finally:\n    client.close()  # celui-là, et lui seul",
        needs=("coupure", "partage"),
    ),
)
"""Every check, in the order in which they are done."""
