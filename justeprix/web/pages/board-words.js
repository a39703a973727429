// The words of the board in both languages. `?lang=en` in the address chooses English.

import { minutes } from "./countdown.js";

const FRENCH = {
  title: "Le juste prix : le tableau",
  connecting: "Connexion…",
  lost: "Connexion perdue, nouvel essai…",
  closed: "L'hôte a fermé la partie, nouvel essai…",
  paused: "L'hôte fait une pause : la partie reprend quand il revient.",
  over: "La partie est finie, et l'hôte l'a fermée.",
  full: "La salle est pleine, nouvel essai…",

  locked: "Le tableau",
  codeOf: "Code de la partie",
  enter: "Entrer",
  refused: (sentence) => `${sentence[0].toUpperCase()}${sentence.slice(1)}.`, // the host's own

  join: "Pour jouer",
  code: "Code :",
  terminal: "Dans un terminal :",
  qr: (url) => `Code QR de l'adresse ${url}`,
  people: "Qui est là",
  finders: "Viennent de trouver",
  podium: "Le podium",
  secret: "Le secret était",
  picture: (number) => `Les coups de chacun dans la manche ${number}, de plus en plus près du secret`,
  ranking: "Classement",
  rank: "Rang",
  name: "Nom",
  wins: "Trouvés",
  guesses: "Coups",
  time: "Temps",
  proof: "La preuve que le secret n'a pas bougé",
  nonce: "nonce :",

  phase: {
    entrainement: () => "Entraînement",
    salle: () => "Bientôt la première manche",
    manche: (round, rounds) => `Manche ${round} sur ${rounds}`,
    pause: (round, rounds) => `Manche ${round} sur ${rounds} : finie`,
    finie: () => "La compétition est finie",
  },
  bounds: (low, high) => `Un nombre entre ${low} et ${high}`,
  present: (count) => counted(count, "présent"),
  found: (found, present) => `${found} sur ${present} ${found > 1 ? "ont" : "a"} trouvé`,
  finder: (guesses, time) => `en ${counted(guesses, "coup")}, ${time}`,
  score: (found, guesses, time) => parts(counted(found, "trouvé"), counted(guesses, "coup"), time),
  seal: (label, seal) => `sceau de « ${label} » : ${seal}`,
  others: (count) => `… et ${count} autre${count > 1 ? "s" : ""}`,
  manyOthers: (count) => `… et au moins ${count} autres`,
  nobody: {
    entrainement: "Personne n'a encore trouvé.",
    manche: "Personne n'a encore joué.",
    pause: "Personne n'a encore joué.",
    finie: "Personne n'a joué.",
  },
  optimum: (worst, mean) => `La dichotomie : ${counted(worst, "coup")} au pire, ${mean} en moyenne`,
  itWas: (secret) => `Le secret était ${secret}.`,
};

const ENGLISH = {
  title: "The price is right: the board",
  connecting: "Connecting…",
  lost: "Connection lost, trying again…",
  closed: "The host has closed the game, trying again…",
  paused: "The host pauses: the game goes on when it is back.",
  over: "The game is over, and the host has closed it.",
  full: "The room is full, trying again…",

  locked: "The board",
  codeOf: "Code of the game",
  enter: "Enter",
  refused: () => "Not the code, or too many tries: check it, or wait a minute.",

  join: "To play",
  code: "Code:",
  terminal: "In a terminal:",
  qr: (url) => `QR code of the address ${url}`,
  people: "Who is here",
  finders: "Just found it",
  podium: "The podium",
  secret: "The secret was",
  picture: (number) => `Everybody's guesses in round ${number}, closing in on the secret`,
  ranking: "Standings",
  rank: "Rank",
  name: "Name",
  wins: "Found",
  guesses: "Guesses",
  time: "Time",
  proof: "The proof that the secret has not moved",
  nonce: "nonce:",

  phase: {
    entrainement: () => "Practice",
    salle: () => "The first round starts soon",
    manche: (round, rounds) => `Round ${round} of ${rounds}`,
    pause: (round, rounds) => `Round ${round} of ${rounds}: over`,
    finie: () => "The competition is over",
  },
  bounds: (low, high) => `A number from ${low} to ${high}`,
  present: (count) => `${count} here`,
  found: (found, present) => `${found} of ${present} found it`,
  finder: (guesses, time) => `in ${guesses} ${guesses === 1 ? "guess" : "guesses"}, ${time}`,
  score: (found, guesses, time) =>
    parts(`${found} found`, `${guesses} ${guesses === 1 ? "guess" : "guesses"}`, time),
  seal: (label, seal) => `seal of “${label}”: ${seal}`,
  others: (count) => `… and ${count} other${count === 1 ? "" : "s"}`,
  manyOthers: (count) => `… and at least ${count} others`,
  nobody: {
    entrainement: "Nobody has found one yet.",
    manche: "Nobody has played yet.",
    pause: "Nobody has played yet.",
    finie: "Nobody played.",
  },
  optimum: (worst, mean) =>
    `Binary search: ${worst} ${worst === 1 ? "guess" : "guesses"} at worst, ${mean} on average`,
  itWas: (secret) => `The secret was ${secret}.`,
};

export const english = new URLSearchParams(location.search).get("lang") === "en";
export const words = english ? ENGLISH : FRENCH;

const language = english ? "en" : "fr";
const ONE_PLACE = new Intl.NumberFormat(language, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const DECIMAL = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });

// 5.8 as "5,8".
export const decimal = (number) => DECIMAL.format(number);

// Milliseconds as "12,3 s", from 100 seconds on as "2:05".
export function duration(ms) {
  return ms < 99_950 ? `${ONE_PLACE.format(ms / 1000)} s` : minutes(Math.round(ms / 1000));
}

// Puts the words into the page, which comes in French.
export function translate() {
  document.documentElement.lang = language;
  document.title = words.title;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = words[element.dataset.word];
  }
}

// Joins parts so that lines break between them only.
function parts(...texts) {
  return texts.map((text) => text.replaceAll(" ", "\u00a0")).join(", ");
}

function counted(count, word) {
  return `${count} ${word}${count > 1 ? "s" : ""}`;
}
