"""What a sound client does: the checks in the order in which they are tried, in pupils' words.

The order and `needs` see to it that one fault is told once.
"""

from __future__ import annotations

from justeprix.workshop.check.client import runs
from justeprix.workshop.check.client.subject import Subject
from justeprix.workshop.check.finding import Check

__all__ = ["CLIENT_CHECKS"]

READ_LINES = 'lignes = hote.makefile(encoding="utf-8")\nligne = lignes.readline()'

CLIENT_CHECKS: tuple[Check[Subject], ...] = (
    Check(
        "accueil",
        "attend l'accueil de l'hôte avant de parler",
        runs.waits_for_greeting,
        expected="se connecter, lire la ligne « hello justeprix/1 entre 1 et 100 », puis proposer",
        explanation="l'hôte parle le premier ; si tu ne lis pas sa ligne, tu la prendras pour la"
        " réponse à ton premier nombre",
        look_for='hote = socket.create_connection(("127.0.0.1", 2300))\n'
        'lignes = hote.makefile(encoding="utf-8")\naccueil = lignes.readline()',
    ),
    Check(
        "secret",
        "trouve le secret, même si c'est une borne",
        runs.secrets_are_found,
        expected="« gagné », que le secret soit 72, 100 ou 1",
        explanation="« plus » : le secret est plus grand que ton nombre, la borne basse monte juste"
        " au-dessus ; « moins » : la borne haute descend juste au-dessous",
        look_for='if reponse == "plus":\n    bas = essai + 1\nelif reponse == "moins":'
        "\n    haut = essai - 1",
        needs=("accueil",),
    ),
    Check(
        "bornes",
        "lit les bornes dans l'accueil",
        runs.bounds_are_read,
        expected="des nombres entre les deux bornes de l'accueil",
        explanation="l'hôte choisit ses bornes : dans sa première ligne, le dernier mot, et le"
        " troisième en partant de la fin",
        look_for="mots = accueil.split()\nbas, haut = int(mots[-3]), int(mots[-1])",
        needs=("secret",),
    ),
    Check(
        "gagne",
        "comprend « gagné », accent et fin de ligne compris",
        runs.winning_is_understood,
        expected="après « gagné » : finir, dire FIN, ou commencer une autre partie",
        explanation="la ligne reçue finit par un retour à la ligne, et son é prend deux octets :"
        " sans strip() et sans UTF-8, elle n'est pas égale à « gagné »",
        look_for='reponse = data.decode("utf-8").strip()\nif reponse == "gagné":\n    break',
        needs=("secret",),
    ),
    Check(
        "coupee",
        "attend la fin de la ligne quand elle arrive en deux morceaux",
        runs.halves_are_joined,
        expected="attendre le retour à la ligne, puis lire le message entier",
        explanation="TCP transporte des octets, pas des messages : un recv() peut n'en rendre que"
        " la moitié, jusqu'au milieu d'un é",
        look_for=READ_LINES,
        needs=("secret",),
    ),
    Check(
        "retard",
        "attend une réponse qui tarde",
        runs.late_answers_are_waited_for,
        expected="attendre la réponse, sans rien renvoyer",
        explanation="le réseau de la classe peut être lent : qui redemande reçoit deux réponses et"
        " les prend l'une pour l'autre, et chaque envoi compte un coup",
        look_for="hote.settimeout(None)",
        needs=("secret",),
    ),
    Check(
        "fin",
        "s'arrête quand l'hôte dit FIN",
        runs.end_ends_it,
        expected="s'arrêter en 3 s, sans erreur et sans proposer encore",
        explanation="FIN peut venir à la place d'une réponse : l'hôte arrête la partie, et plus"
        " personne ne répondra",
        look_for='if reponse == "FIN":\n    break',
        needs=("secret",),
    ),
    Check(
        "collees",
        "sépare deux messages arrivés collés",
        runs.glued_end_ends_it,
        expected="lire la réponse, puis FIN, et s'arrêter en 3 s",
        explanation="un recv() peut rendre deux lignes d'un coup : ce qui suit le premier retour à"
        " la ligne est déjà le message suivant, il ne faut pas le perdre",
        look_for=READ_LINES + '\nligne, _, reste = reste.partition("\\n")',
        needs=("fin",),
    ),
    Check(
        "fermeture",
        "s'arrête, ou revient, quand l'hôte ferme en pleine partie",
        runs.closing_ends_it,
        expected="s'arrêter en 5 s sans erreur, ou se reconnecter et jouer",
        explanation='quand le lien est fermé, recv() rend tout de suite b"" et readline() une'
        " chaîne vide, sans fin : il faut sortir de la boucle",
        look_for="if not data:\n    break",
        needs=("secret",),
    ),
    Check(
        "fin-de-ligne",
        "finit ses messages par un retour à la ligne",
        runs.lines_have_ends,
        expected="50, puis un retour à la ligne",
        explanation="l'hôte l'accepte, mais il doit deviner où finit ton message : il attend 0,2 s"
        " de silence, et deux messages rapprochés peuvent se coller",
        look_for='hote.sendall(f"{essai}\\n".encode())',
        needs=("secret",),
    ),
    Check(
        "erreur",
        "survit à une ligne « erreur … »",
        runs.errors_are_survived,
        expected="montrer la phrase, proposer de nouveau, et trouver",
        explanation="un message que l'hôte ne peut pas suivre reçoit « erreur <code> <phrase> » :"
        " rien n'est compté, et la partie continue",
        look_for='if reponse.startswith("erreur"):\n    print(reponse)',
        needs=("secret",),
    ),
)
