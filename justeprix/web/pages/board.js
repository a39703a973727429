// The board: what the class looks at. It follows the state and draws each one whole; what it
// remembers of an earlier one only serves to show what has moved.

import { keyedList, rise, write } from "./board-motion.js";
import { decimal, duration, english, translate, words } from "./board-words.js";
import { Countdown, minutes } from "./countdown.js";
import { codeForm } from "./door.js";
import { Link } from "./link.js";

// Which parts of the page each phase shows.
const PARTS = {
  door: ["door"], // no phase of the host's: it wants a code, and we have none
  entrainement: ["join", "people", "ranking"],
  salle: ["join", "people"],
  manche: ["join", "race", "ranking", "proof"],
  pause: ["join", "result", "ranking", "proof"],
  finie: ["stage", "result", "ranking", "proof"],
};

const BEST = 10; // rows of the standings: more could not be read from the last row of the class
const RANKED = 50; // the host names no more; there may be others
const TILES = { entrainement: 18, salle: 100 }; // names of those present
const COLUMNS = [[8, 2], [36, 3], [60, 4], [100, 5]]; // up to so many tiles, in so many columns
const LONG = 11; // letters; a longer name is written smaller,
const LONGEST = 16; // and one even longer goes on two lines
const PODIUM = 3;
const STEP_NAMES = 3; // names on one step of the podium
const HURRY = 10; // seconds
const CURTAIN = 800; // ms before the third appears
const APPLAUSE = 1800; // ms between two steps of the podium
const LAST_LOOK = 8000; // ms for which the end of the last round is seen before the podium
const AGAIN = 3000; // ms before a picture is asked for again

const $ = (id) => document.getElementById(id);

const countdown = new Countdown();
let shown = {}; // the state on screen
let latest = {}; // the state that the host told last
let isWelcome = false; // over this link: there has been a state
let isLastLook = false; // the last round has just ended: its picture comes before the podium

// From here on: a function for each part of the page.

function receive(state) {
  latest = state;
  if (state.phase === "finie" && shown.phase === "manche") {
    isLastLook = true;
    setTimeout(raisePodium, LAST_LOOK);
  }
  const isEarly = isLastLook && state.phase === "finie";
  draw(isEarly ? { ...state, phase: "pause" } : state);
}

function raisePodium() {
  if (!isLastLook) return;
  isLastLook = false;
  draw(latest);
}

function draw(state) {
  const before = shown;
  shown = state;
  if (state.phase !== before.phase) showParts(state.phase);
  write($("round"), headline(state));
  write($("bounds"), words.bounds(...state.bornes));
  $("bounds").parentElement.classList.toggle("long", state.bornes.join("").length > LONG);
  write($("count"), words.present(state.presents));
  drawPeople(state);
  drawRace(state);
  drawResult(state);
  drawStandings(state);
  drawProof(state);
  drawPodium(state);
  if (state.phase !== before.phase || state.manche !== before.manche) tell(state);
  if (state.phase === "finie" && before.phase !== "finie") raiseCurtain();
}

const headline = ({ phase, manche, manches }) => words.phase[phase](manche, manches);

function showParts(phase) {
  document.body.dataset.phase = phase;
  for (const part of document.querySelectorAll("section")) {
    part.hidden = !PARTS[phase].includes(part.id);
  }
}

// For who listens to the page: only a new phase is worth a word.
function tell(state) {
  const secret = state.secret == null ? "" : words.itWas(state.secret);
  write($("news"), `${headline(state)}. ${secret}`);
}

// Who is here.

const drawTiles = keyedList($("present"), tile, writeName, (name) => name);

function tile() {
  return document.createElement("li");
}

function writeName(element, name) {
  write(element, name);
  element.classList.toggle("long", name.length > LONG);
  element.classList.toggle("longest", name.length > LONGEST);
}

function drawPeople({ phase, ici = [], presents }) {
  const names = ici.slice(0, TILES[phase]);
  const columns = COLUMNS.find(([most]) => names.length <= most)?.[1] ?? 5;
  $("present").style.setProperty("--columns", columns);
  $("present").style.setProperty("--rows", Math.ceil(names.length / columns) || 1);
  drawTiles(names);
  const others = presents - names.length;
  write($("absent"), others > 0 ? words.others(others) : "");
}

// The running round.

const drawFinders = keyedList($("finders"), finderRow, (row, { nom, coups, temps }) => {
  writeName(row.children[0], nom);
  write(row.children[1], words.finder(coups, duration(temps)));
});

function finderRow() {
  const row = document.createElement("li");
  row.append(document.createElement("strong"), " ", document.createElement("span"));
  return row;
}

function drawRace(state) {
  const { phase, trouve = 0, presents, trouveurs = [] } = state;
  countdown.follow(state);
  drawClock();
  if (phase !== "manche") return;
  write($("found"), words.found(trouve, presents));
  $("progress").max = Math.max(presents, 1);
  $("progress").value = trouve;
  drawFinders(trouveurs);
  $("finders-title").hidden = trouveurs.length === 0;
}

// The clock runs by itself between two states.

function drawClock() {
  const { seconds } = countdown;
  $("clock").hidden = seconds === null;
  if (seconds === null) return;
  write($("clock"), minutes(seconds));
  $("clock").classList.toggle("hurry", seconds <= HURRY);
  $("clock").classList.toggle("long", seconds >= 6000); // 100 minutes
}

setInterval(drawClock, 100);

// The end of a round.

function drawResult({ phase, manche, secret, sceau }) {
  const closed = secret != null && PARTS[phase].includes("result");
  $("result").hidden = !closed;
  write($("secret"), closed ? String(secret) : "");
  if (!closed) return;
  // The seal tells round 1 of this competition from round 1 of the one before.
  const code = link.code ? `&code=${encodeURIComponent(link.code)}` : "";
  const language = english ? "&lang=en" : "";
  const paper = `/manche/${manche}.svg?sceau=${sceau.slice(0, 16)}${language}${code}`;
  const picture = `${paper}&ecran=1`;
  if ($("picture").getAttribute("src") === picture) return;
  $("enlarge").hidden = true;
  $("enlarge").href = paper;
  $("picture").alt = words.picture(manche);
  $("picture").src = picture;
}

$("picture").addEventListener("load", () => {
  $("enlarge").hidden = false;
});
$("picture").addEventListener("error", () => {
  $("picture").removeAttribute("src");
  setTimeout(() => shown.phase && drawResult(shown), AGAIN);
});

// The standings.

const drawRows = keyedList($("standings"), standingsRow, (row, standing) => {
  const [rank, name, found, guesses, time] = row.cells;
  write(rank, String(standing.rang));
  writeName(name.firstChild, standing.nom);
  write(found, String(standing.trouves));
  write(guesses, String(standing.coups));
  write(time, standing.trouves ? duration(standing.temps) : "–");
});

function standingsRow() {
  const row = document.createElement("tr");
  for (const kind of ["rank", "name", "number", "number", "time"]) {
    const cell = document.createElement(kind === "name" ? "th" : "td");
    cell.className = kind;
    row.append(cell);
  }
  row.cells[1].scope = "row";
  row.cells[1].append(document.createElement("span"));
  return row;
}

function drawStandings({ phase, classement, optimum }) {
  drawRows(classement.slice(0, BEST));
  write($("more"), others(phase, classement.length));
  write($("optimum"), words.optimum(optimum.pire, decimal(optimum.moyenne)));
}

function others(phase, count) {
  if (count === 0) return words.nobody[phase] ?? "";
  if (count <= BEST) return "";
  return (count < RANKED ? words.others : words.manyOthers)(count - BEST);
}

// The proof: the seal from the start of a round, what opens it at its end.

function drawProof({ etiquette, sceau, nonce }) {
  write($("seal"), sceau == null ? "" : words.seal(etiquette, sceau));
  write($("nonce"), nonce ?? "");
  $("opening").hidden = nonce == null;
}

// The podium: a step for each rank up to the third; equal players stand on one step.

const drawSteps = keyedList($("podium"), podiumStep, fillStep, (step) => step.rank);

function drawPodium({ phase, classement }) {
  if (phase !== "finie") return;
  const best = classement.filter(({ rang }) => rang <= PODIUM);
  const ranks = [...new Set(best.map(({ rang }) => rang))];
  drawSteps(ranks.map((rank) => ({ rank, players: best.filter(({ rang }) => rang === rank) })));
}

function podiumStep() {
  const step = document.createElement("li");
  const names = document.createElement("ul");
  const block = document.createElement("p");
  block.append(document.createElement("strong"), " ", document.createElement("span"));
  step.append(names, block);
  return step;
}

function fillStep(step, { rank, players }) {
  const [names, block] = step.children;
  const [{ trouves, coups, temps }] = players; // the same for all of them
  step.className = `place-${rank}`;
  step.classList.toggle("level", players.length > 1);
  write(block.children[0], String(rank));
  write(block.children[1], words.score(trouves, coups, duration(temps)));
  const lines = players.slice(0, STEP_NAMES).map(({ nom }) => nom);
  const others = players.length - lines.length;
  if (others) lines.push(words.others(others));
  names.replaceChildren(
    ...lines.map((line) => {
      const item = tile();
      writeName(item, line);
      return item;
    }),
  );
}

// From the last step to the first; the standings would give the winner away before.
function raiseCurtain() {
  const steps = [...$("podium").children].reverse();
  steps.forEach((step, index) => rise(step, CURTAIN + index * APPLAUSE));
  rise($("ranking"), CURTAIN + steps.length * APPLAUSE);
}

// Where to join.

async function findAddresses() {
  try {
    const code = link.code && `?code=${encodeURIComponent(link.code)}`;
    const answer = await fetch(`/adresses${code}`);
    if (answer.ok) drawAddresses(await answer.json());
  } catch {
    // The host has gone again: the next open() asks once more.
  }
}

function drawAddresses([best, ...others]) {
  if (!best) return;
  write($("address"), best.url);
  drawCommand(best.play);
  drawCode(best.play);
  $("qr").src = best.qr;
  $("qr").alt = words.qr(best.url);
  $("qr").hidden = false;
  drawOthers(others.slice(0, 4));
}

// A line breaks between two words only: not after the hyphens of an option.
const drawCommand = (command) =>
  $("play").replaceChildren(
    ...command.split(" ").flatMap((word, index) => {
      const part = document.createElement("span");
      part.textContent = word;
      return index ? [" ", part] : [part];
    }),
  );

// The host tells the code to who knows it, if it wants one at all.
function drawCode(play) {
  const [, code = ""] = / --code (\S+)$/.exec(play) ?? [];
  writeName($("entry-code"), code);
  $("entry").hidden = code === "";
}

const drawOthers = keyedList(
  $("others"),
  tile,
  (item, { url }) => write(item, url),
  ({ url }) => url,
);

// The link.

const HEARD = {
  etat: (json) => {
    receive(JSON.parse(json));
    complain("");
    if (!isWelcome) findAddresses();
    isWelcome = true;
  },
  erreur: (sentence) => sentence.startsWith("complet") && complain(words.full),
  fin: () => complain(parting()),
  shutdown: () => complain(parting()),
};

function hear(line) {
  const end = line.indexOf(" ");
  const word = end < 0 ? line : line.slice(0, end);
  HEARD[word.toLowerCase()]?.(line.slice(word.length + 1));
}

// A host that pauses has said so in its last state.
function parting() {
  if (latest.retour) return words.paused;
  return latest.phase === "finie" ? words.over : words.closed;
}

function complain(sentence) {
  write($("link"), sentence);
  $("link").hidden = sentence === "";
}

// The code.

const askCode = codeForm((code) => link.unlock(code));

function lock(sentence, code) {
  shown = {};
  isLastLook = false;
  complain("");
  showParts("door");
  write($("round"), words.locked);
  write($("bounds"), "");
  write($("count"), "");
  askCode(sentence && words.refused(sentence), code);
}

translate();
const link = new Link({
  open: () => {
    isWelcome = false;
    link.knock();
    link.send("suivre");
  },
  locked: lock,
  line: hear,
  lost: () => {
    if ($("link").hidden) complain(words.lost); // the host may have said why
  },
});
