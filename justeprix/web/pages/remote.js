// The teacher's remote: each button is one command of the host's console, sent over HTTP; the host
// answers with one sentence. What can be done now is read from the state that `suivre` brings.

import { Countdown, minutes } from "./countdown.js";
import { codeForm } from "./door.js";
import { Link } from "./link.js";

// What each phase is called, what is said about it, and the step that leads on.
const PHASES = {
  entrainement: ["Entraînement", "Chacun cherche son propre secret : il n'y a pas de manche à ouvrir."],
  salle: ["Dans la salle", "Quand tout le monde est là, Départ ouvre la première manche.", "depart"],
  manche: ["Manche en cours", "La manche finit d'elle-même ; Stop la ferme tout de suite.", "stop"],
  pause: ["Pause", "Suivante ouvre la manche suivante.", "suivante"],
  finie: ["Compétition finie", "Il reste à télécharger les résultats."],
};
const CLOSED =
  "La télécommande n'est plus ouverte : l'hôte en imprime un nouveau lien avec la commande animateur.";
const UNREACHED = "L'hôte ne répond pas : vérifie le réseau, puis recommence.";
const REFUSAL = /^(Impossible|Commande inconnue|Écris) /;
const PATIENCE = 8_000; // ms in which the host must answer
const HOLD = 1_000; // ms in which a second touch of the same place must not start the next step
const MANY = 8; // players from which a search field helps

const $ = (selector) => document.querySelector(selector);
const said = $("#said");
const steps = [...document.querySelectorAll("#steps button")];
const extend = $("#extend button");
const talk = $("#talk button");
const list = $("#players");

let state = null; // the last `etat`
const countdown = new Countdown();
let quiet = false; // whether the teacher closed the chat, as far as known
let held = 0; // the timer that keeps the steps still for a moment
let stepBack = false; // the keyboard was on a step that is now disabled: put it on the next one
const busy = new Set(); // buttons whose order is not answered yet

// Small helpers.

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

// A button whose full name tells which player it is about; on screen the first word is enough.
function makeButton(className, text, name = text) {
  const button = make("button", className, text);
  button.type = "button";
  if (name !== text) button.setAttribute("aria-label", name);
  return button;
}

// Writes only what changed: a screen reader says every writing to a live region.
function write(selector, sentence) {
  const element = $(selector);
  const text = french(sentence);
  if (element.textContent !== text) element.textContent = text;
}

function say(sentence, bad = false) {
  said.textContent = sentence.trim();
  said.classList.toggle("bad", bad);
}

// No line begins with a mark that belongs to the word before it.
const french = (text) => text.replace(/ (?=[:;?!])/g, "\u00a0");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Talking to the host.

// Returns the body of the host's answer, and the name of the file if it is one.
// Throws an Error whose message is a sentence to show.
async function ask(path, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const answer = await fetch(path, { cache: "no-store", ...options, signal: abort.signal });
    const body = await answer.blob();
    const name = /filename="(.+)"/.exec(answer.headers.get("Content-Disposition"))?.[1];
    if (answer.ok) return { body, name };
    throw new Refused(await explain(answer.status, body));
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(UNREACHED);
  } finally {
    clearTimeout(timer);
  }
}

class Refused extends Error {}

async function explain(status, body) {
  if (status === 403) return CLOSED;
  if (body.type.startsWith("text/plain")) return body.text();
  return `L'hôte n'a pas su répondre (erreur ${status}).`;
}

// Sends one command; its button waits for the answer. Returns whether the host did it.
async function order(button, command) {
  if (busy.has(button)) return false;
  const focused = document.activeElement === button;
  busy.add(button);
  say("");
  render();
  let done = false;
  try {
    const { body } = await ask("/animateur/ordre", { method: "POST", body: command });
    const sentence = await body.text();
    done = !REFUSAL.test(sentence);
    say(sentence, !done);
  } catch (error) {
    say(error.message, true);
  }
  busy.delete(button);
  render();
  if (focused && !button.disabled && lostFocus()) button.focus();
  refresh();
  return done;
}

function lostFocus() {
  const active = document.activeElement;
  return active === null || active === document.body || active.disabled;
}

// The game.

function onState(next) {
  if (state && next.phase !== state.phase) hold();
  state = next;
  countdown.follow(state);
  if (state.phase !== "manche") quiet = !state.parole; // in a round nobody may talk anyway
  render();
  refresh();
}

// The next step takes the place of the last one: a double touch must not press both.
function hold() {
  clearTimeout(held);
  held = setTimeout(() => {
    held = 0;
    render();
  }, HOLD);
}

function render() {
  if (!state) return;
  const [title, hint, step] = PHASES[state.phase] ?? [state.phase, ""];
  document.body.dataset.phase = state.phase;
  write("#phase", title);
  write("#hint", hint);
  write("#present", String(state.presents));
  write("#found", state.phase === "manche" || state.phase === "pause" ? String(state.trouve) : "–");
  write("#round", state.manches ? `${state.manche} sur ${state.manches}` : "–");
  renderClock();
  renderSteps(step);
  const timed = state.phase === "manche" && state.secondes !== null;
  extend.disabled = busy.has(extend) || !timed;
  talk.disabled = busy.has(talk);
  talk.textContent = quiet ? "Rendre la parole" : "Couper la parole";
  write("#talking", talking());
  for (const row of rows.values()) row.render();
}

function renderClock() {
  if (!state) return;
  if (state.phase !== "manche") return write("#clock", "–");
  const { seconds } = countdown;
  write("#clock", seconds === null ? "sans limite" : minutes(seconds));
}

function renderSteps(step) {
  for (const button of steps) {
    const possible = button.dataset.order === step;
    if (button === document.activeElement && !possible) stepBack = true;
    button.classList.toggle("main", possible);
    button.disabled = !possible || held > 0 || busy.has(button);
    if (stepBack && !button.disabled) {
      stepBack = false;
      if (lostFocus()) button.focus();
    }
  }
}

function talking() {
  if (quiet) return "La parole est coupée : les élèves ne peuvent pas s'écrire.";
  if (state.phase === "manche") return "Pendant une manche, personne n'écrit.";
  return "Les élèves peuvent s'écrire.";
}

for (const button of steps) {
  button.addEventListener("click", () => {
    stepBack = document.activeElement === button;
    hold();
    order(button, button.dataset.order);
  });
}
$("#extend").addEventListener("submit", (event) => {
  event.preventDefault();
  order(extend, `prolonge ${$("#seconds").value}`);
});
talk.addEventListener("click", async () => {
  const wanted = !quiet;
  if (!(await order(talk, wanted ? "muet" : "parole"))) return;
  quiet = wanted;
  render();
});

// A key that is held down must not press what comes next under it.
addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter") event.preventDefault();
});

// The players.

const rows = new Map(); // by name
let stale = false;
let loading = false;
let renamed = ""; // the new name of a player whose row we were on

// Fetches the list of players; while it is asked for more often, once a second.
async function refresh() {
  stale = true;
  if (loading) return;
  loading = true;
  while (stale) {
    stale = false;
    try {
      const { body } = await ask("/animateur/joueurs");
      showPlayers(JSON.parse(await body.text()));
    } catch (error) {
      // A broken network shows beside the title already; being shut out is said, but only once.
      if (error.message === CLOSED && said.textContent !== CLOSED) say(CLOSED, true);
    }
    await pause(1_000);
  }
  loading = false;
}

// Rows stay where they are as long as their player does: nothing moves under a finger,
// and a field that is being filled in is kept.
function showPlayers(players) {
  const names = new Set(players.map((player) => player.nom));
  const orphaned = [...rows.values()].some((row) => !names.has(row.name) && row.focused);
  for (const row of [...rows.values()].filter((row) => !names.has(row.name))) {
    row.item.remove();
    rows.delete(row.name);
  }
  players.sort((a, b) => a.nom.localeCompare(b.nom, "fr", { numeric: true }));
  players.forEach((player, index) => {
    if (!rows.has(player.nom)) rows.set(player.nom, new Row(player.nom));
    const row = rows.get(player.nom);
    if (list.children[index] !== row.item) list.insertBefore(row.item, list.children[index] ?? null);
    row.show(player);
  });
  if (orphaned || rows.has(renamed)) land(rows.get(renamed)?.rename, orphaned);
  write("#players-title", players.length ? `Joueurs (${players.length})` : "Joueurs");
  $("#nobody").hidden = players.length > 0;
  $("#search").hidden = players.length < MANY && $("#wanted").value === "";
  search();
}

// The row that had the focus is gone: the keyboard goes on from the player's new one, or the title.
function land(button, orphaned) {
  renamed = "";
  if (orphaned || lostFocus()) (button ?? $("#players-title")).focus();
}

// Whatever the accents and capitals: "zoe" finds "Zoé".
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function search() {
  const wanted = plain($("#wanted").value.trim());
  for (const row of rows.values()) row.item.hidden = !plain(row.name).includes(wanted);
}
$("#wanted").addEventListener("input", search);

class Row {
  #where = make("span", "where");
  #acts = make("div", "acts");
  #panel = null; // the question or the field that is open under the buttons
  #opener = null; // the button that opened it

  constructor(name) {
    this.name = name;
    this.item = make("li", "");
    const who = make("p", "who");
    who.append(make("span", "name", name), this.#where);
    this.rename = makeButton("calm", "Renommer", `Renommer ${name}`);
    this.free = makeButton("calm", "Libérer", `Libérer ${name}`);
    this.exclude = makeButton("danger", "Exclure", `Exclure ${name}`);
    this.rename.addEventListener("click", () => this.#toggle(this.rename, () => this.#field()));
    this.exclude.addEventListener("click", () => this.#toggle(this.exclude, () => this.#question()));
    this.free.addEventListener("click", () => order(this.free, `libere ${name}`));
    for (const button of [this.rename, this.exclude]) button.setAttribute("aria-expanded", "false");
    this.#acts.append(this.rename, this.free, this.exclude);
    this.item.append(who, this.#acts);
    this.item.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#panel) this.#close();
    });
  }

  get focused() {
    return this.item.contains(document.activeElement);
  }

  show({ present, exclu }) {
    this.#where.textContent = exclu ? "exclu" : present ? "" : "absent";
    const left = this.focused || (this.#panel && lostFocus());
    if (exclu && this.#panel) this.#close();
    if (exclu && left) $("#players-title").focus();
    this.#acts.hidden = exclu;
  }

  render() {
    for (const button of this.item.querySelectorAll("button")) button.disabled = busy.has(button);
  }

  #toggle(opener, fill) {
    const again = this.#opener === opener;
    for (const row of rows.values()) if (row.#panel) row.#close();
    if (again) return;
    this.#opener = opener;
    this.#panel = fill();
    this.#panel.classList.add("panel");
    opener.setAttribute("aria-expanded", "true");
    this.item.append(this.#panel);
    this.#panel.querySelector("input, button").focus();
  }

  #close() {
    const focused = this.#panel.contains(document.activeElement);
    this.#panel.remove();
    this.#opener.setAttribute("aria-expanded", "false");
    if (focused) this.#opener.focus();
    this.#panel = this.#opener = null;
  }

  #cancel(text) {
    const button = makeButton("calm", text);
    button.addEventListener("click", () => this.#close());
    return button;
  }

  #question() {
    const panel = make("div", "");
    const text = make("p", "", french(`Exclure ${this.name} pour de bon ? Ce nom ne pourra pas revenir.`));
    const yes = makeButton("danger", `Oui, exclure ${this.name}`);
    const answers = make("div", "");
    text.id = "question";
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-labelledby", text.id);
    yes.addEventListener("click", async () => {
      if ((await order(yes, `exclure ${this.name}`)) && this.#panel === panel) this.#close();
    });
    answers.append(this.#cancel("Non, annuler"), yes);
    panel.append(text, answers);
    return panel;
  }

  #field() {
    const form = make("form", "");
    const label = make("label", "", `Nouveau nom de ${this.name}`);
    const field = make("input", "");
    const submit = makeButton("", "Valider");
    const answers = make("div", "");
    submit.type = "submit";
    field.id = label.htmlFor = "new-name";
    Object.assign(field, { autocomplete: "off", spellcheck: false, required: true, maxLength: 40 });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changeName(form, field, submit);
    });
    answers.append(submit, this.#cancel("Annuler"));
    form.append(label, field, answers);
    return form;
  }

  async #changeName(form, field, submit) {
    const wanted = field.value.trim().replace(/\s+/g, " ");
    if (!wanted) return say(`Écris le nouveau nom de ${this.name}.`, true);
    const done = await order(submit, `renomme ${this.name} : ${wanted}`);
    if (done) renamed = wanted;
    if (this.#panel !== form) return;
    if (done) this.#close();
    else if (lostFocus()) field.focus();
  }
}

// The results: fetched first, so that a refusal is a sentence here and not a page of its own.

for (const link of document.querySelectorAll("#results a")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    if (link.hasAttribute("aria-disabled")) return;
    link.setAttribute("aria-disabled", "true");
    say("");
    try {
      save(await ask(link.href));
    } catch (error) {
      say(error.message, true);
    }
    link.removeAttribute("aria-disabled");
  });
}

function save({ body, name = "resultats" }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(body);
  link.download = name;
  link.click();
  say(`Résultats téléchargés : ${name}.`);
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // phones save late
}

// The link. A page that only follows is a screen, not a player.

function report(text, lost) {
  write("#link", text);
  document.body.classList.toggle("lost", lost);
}

let farewell = ""; // why the host closed, if it said so

// A host may want the code; the cookie opens the commands only.

const askCode = codeForm((code) => link.unlock(code));

function atTheDoor(is) {
  $("#door").hidden = !is;
  $("#desk").hidden = is;
}

const HEAR = {
  etat(rest) {
    atTheDoor(false);
    report("Relié à l'hôte", false);
    const state = JSON.parse(rest);
    if (state.retour) farewell = "L'hôte fait une pause.";
    onState(state);
  },
  shutdown: (rest) => (farewell = rest),
  erreur: (rest) => (farewell = rest.slice(rest.indexOf(" ") + 1)),
};

const link = new Link({
  open() {
    farewell = "";
    link.knock();
    link.send("suivre");
  },
  line(text) {
    const space = text.indexOf(" ");
    HEAR[text.slice(0, space)]?.(text.slice(space + 1));
  },
  locked(sentence, code) {
    report("L'hôte demande le code", false);
    atTheDoor(true);
    askCode(sentence && french(`${sentence[0].toUpperCase()}${sentence.slice(1)}.`), code);
  },
  lost() {
    report(`Lien coupé, nouvel essai… ${farewell}`.trim(), true);
  },
});

history.replaceState(null, "", "/animateur"); // the key of the link is spent
setInterval(renderClock, 250);
