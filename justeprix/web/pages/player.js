// The player's page: shows the seat and the state of the room, and takes what is typed.
// All of it is drawn anew from those two each time, so nothing depends on what was there before.

import { Countdown, minutes } from "./countdown.js";
import { codeForm } from "./door.js";
import { Seat } from "./player-seat.js";

const $ = (id) => document.getElementById(id);

const ARROWS = { plus: "▲", moins: "▼", gagné: "★" };
const MESSAGES = 50; // kept on screen

const SECTIONS = {
  entrainement: ["game", "mine"],
  salle: ["hall"],
  manche: ["game", "mine"],
  pause: ["mine", "ranking"],
  finie: ["ranking"],
};

const TITLES = {
  entrainement: () => "Entraînement",
  salle: () => "Bientôt la première manche",
  manche: ({ manche, manches }) => `Manche ${manche} sur ${manches}`,
  pause: ({ manche, manches }) => `Manche ${manche} sur ${manches} : finie`,
  finie: () => "La partie est finie",
};

const NOTES = {
  entrainement: guessNote,
  salle: () => "Attends, la partie va commencer.",
  manche: guessNote,
  pause: (state) => `${ownResult(state)} Attends, la manche suivante va venir.`,
  finie: lastNote,
};

// Where the answer stands otherwise.
const HEADLINES = {
  pause: ({ secret }) => `Le secret : ${secret}`,
  finie: (state) => (state.moi?.rang ? place(state) : ""),
};

const countdown = new Countdown();
let isAsking = false; // for a name
let complaint = ""; // why the last number does not count
let reason = ""; // why the link is cut, if the host said so
let shown = ""; // the phase and round on screen

const seat = new Seat({
  changed: draw,
  lost(ms) {
    const again = element("span", ` Nouvel essai dans ${Math.ceil(ms / 1000)} s.`);
    again.setAttribute("aria-hidden", "true"); // a screen reader says the rest, and once
    $("link").replaceChildren(element("span", reason || "Connexion perdue."), again);
    draw();
  },
  closed(sentence) {
    const closed = "l'hôte a fermé la partie ; cette page revient d'elle-même s'il est relancé";
    reason = asSentence(sentence || closed);
  },
  paused() {
    reason = "L'hôte fait une pause : reste ici, ta place t'attend. Pour partir, ferme la page.";
  },
  refused(sentence) {
    complaint = asSentence(sentence);
    draw();
  },
  unnamed: askName,
  said() {
    $("chat").reset();
    set("chat-note", "");
  },
  muted: (sentence) => set("chat-note", asSentence(sentence)),
  heard: addMessage,
  excluded(sentence) {
    set("why", asSentence(sentence));
    show("wait");
  },
  elsewhere: () => show("elsewhere"),
  locked(sentence, code) {
    show("door");
    askCode(sentence && asSentence(sentence), code);
  },
});

if (seat.isNamed) show("wait");
else askName("");
setInterval(drawClock, 250);

// Drawing.

function draw() {
  const { state } = seat;
  if (!state || isAsking) return;
  if (seat.online) {
    reason = "";
    show("room");
  }
  const isNew = enterPhase(state);
  set("me", seat.name);
  set("place", state.phase === "salle" ? "" : place(state));
  set("crowd", crowd(state));
  drawNews(state);
  drawInterval(state);
  drawClock();
  list("guesses", [...seat.guesses].reverse(), guessItem);
  list("podium", leaders(state), rankItem);
  list("names", hall(state), (name) => [name]);
  $("mine").hidden = seat.guesses.length === 0 || !SECTIONS[state.phase].includes("mine");
  $("talk").hidden = !state.parole;
  const rests = state.phase === "manche" && seat.found;
  for (const control of $("play").elements) control.disabled = rests;
  if (isNew && !rests) $("number").focus({ preventScroll: true });
}

// Returns whether the phase or the round is another one than on screen.
function enterPhase(state) {
  const phase = `${state.phase} ${state.manche}`;
  if (phase === shown) return false;
  shown = phase;
  complaint = "";
  document.body.dataset.phase = state.phase;
  set("round", TITLES[state.phase](state));
  for (const id of ["game", "ranking", "hall"]) {
    $(id).hidden = !SECTIONS[state.phase].includes(id);
  }
  $("me").disabled = !["entrainement", "salle"].includes(state.phase); // a game keeps its names
  const isNegative = state.bornes[0] < 0;
  $("number").inputMode = isNegative ? "text" : "numeric"; // few keypads have a minus
  $("number").pattern = isNegative ? "-?[0-9]*" : "[0-9]*";
  return true;
}

function drawNews(state) {
  const answer = lastAnswer(state);
  $("news").dataset.answer = answer;
  set("answer", HEADLINES[state.phase]?.(state) ?? withArrow(answer));
  set("note", complaint || lateNote() || NOTES[state.phase](state));
}

function lastAnswer({ phase }) {
  if (!SECTIONS[phase].includes("game")) return "";
  return seat.found ? "gagné" : (seat.guesses.at(-1)?.answer ?? "");
}

function lateNote() {
  const waits = seat.pending && !seat.online;
  return waits ? `${seat.pending.number} partira dès que la connexion revient.` : "";
}

function guessNote({ phase, manche, bornes: [low, high] }) {
  const count = counted(seat.count, "coup");
  const guess = seat.guesses.at(-1);
  const inRound = phase === "manche";
  if (seat.found && inRound) return `Trouvé en ${count}, attends les autres.`;
  if (seat.found) return `Trouvé en ${count} ! Un nouveau secret attend ton prochain nombre.`;
  if (guess) return `Coup ${seat.count} : c'est ${guess.answer} que ${guess.number}.`;
  if (seat.count) return `Tu as déjà joué ${count} dans cette manche.`;
  const starts = inRound ? `La manche ${manche} commence : trouve` : "Trouve";
  return `${starts} le nombre entre ${low} et ${high}.`;
}

function lastNote(state) {
  const { secret } = state;
  const last = secret === null ? "" : `Le dernier secret : ${secret}. ${ownResult(state)} `;
  return `${last}Merci d'avoir joué !`;
}

function ownResult({ moi }) {
  if (!moi?.manche.coups) return "Tu n'as pas joué cette manche.";
  const count = counted(moi.manche.coups, "coup");
  return moi.manche.trouve ? `Tu l'as trouvé en ${count}.` : `Tu ne l'as pas trouvé (${count}).`;
}

// What the guesses so far leave possible.
function drawInterval({ bornes: [low, high] }) {
  let [from, to] = [low, high];
  for (const { number, answer } of seat.guesses) {
    if (answer !== "moins") from = Math.max(from, Number(number) + (answer === "plus"));
    if (answer !== "plus") to = Math.min(to, Number(number) - (answer === "moins"));
  }
  const size = high - low + 1;
  const width = Math.max(((to - from + 1) / size) * 100, 2);
  $("span").style.width = `${width}%`;
  $("span").style.left = `${Math.min(((from - low) / size) * 100, 100 - width)}%`;
  const many = counted(to - from + 1, "nombre");
  set("left", from === to ? `C'est ${from}` : `Entre ${from} et ${to} : ${many}`);
  set("low", low);
  set("high", high);
}

// Called between two states too: then it counts on by itself.
function drawClock() {
  if (seat.state) countdown.follow(seat.state);
  const { seconds } = countdown;
  set("clock", seconds === null ? "" : minutes(seconds));
  $("clock").classList.toggle("soon", seconds !== null && seconds <= 10);
}

function place({ moi, presents, classement }) {
  if (!moi?.rang) return "Pas encore classé";
  return `${ordinal(moi.rang)} sur ${Math.max(presents, classement.length, moi.rang)}`;
}

function crowd({ phase, trouve, presents }) {
  if (phase !== "manche") return counted(presents, "joueur");
  return `${trouve} sur ${presents} ${trouve > 1 ? "ont" : "a"} trouvé`;
}

// The first of the ranking, and our own line if it is not among them.
function leaders({ phase, classement, moi }) {
  const first = classement.slice(0, phase === "finie" ? 10 : 5);
  const isIn = !moi?.rang || first.some(({ nom }) => nom === moi.nom);
  return isIn ? first : [...first, moi];
}

function hall({ ici = [], presents }) {
  const more = presents - ici.length;
  return ici.length && more > 0 ? [...ici, `et ${more} de plus`] : ici;
}

function guessItem({ number, answer }, item) {
  item.className = answer;
  return [element("strong", number), ` ${withArrow(answer)}`];
}

function rankItem({ rang, nom, trouves, coups }, item) {
  item.className = nom === seat.name ? "own" : "";
  item.dataset.rank = rang;
  const score = `${counted(trouves, "manche")}, ${counted(coups, "coup")}`;
  const line = element("div", "");
  line.append(element("strong", nom), " ", element("span", score));
  return [element("b", ordinal(rang)), " ", line];
}

function addMessage(text) {
  const [name] = text.split(" : ", 1); // no name has a colon
  const item = element("li", text.slice(name.length));
  item.prepend(element("strong", name));
  $("messages").append(item);
  if ($("messages").children.length > MESSAGES) $("messages").firstChild.remove();
  $("log").tabIndex = 0; // to scroll it by keyboard
  $("log").scrollTop = $("log").scrollHeight;
}

// What is typed.

const askCode = codeForm((code) => {
  show(isAsking ? "welcome" : "wait");
  seat.unlock(code);
});

function askName(sentence) {
  isAsking = true;
  shown = ""; // whatever comes after is new
  $("name-field").value ||= seat.name;
  set("name-note", sentence && asSentence(sentence));
  show("welcome");
  $("name-field").focus();
}

on("name", () => {
  const name = $("name-field").value.trim();
  if (!name) return;
  isAsking = false;
  show("wait");
  seat.enter(name);
});

on("play", () => {
  if (seat.pending) return; // one at a time: what is typed stays there
  const field = $("number");
  const number = field.value.replace(/[\s\u202f]/g, "").replace("−", "-");
  complaint = wrong(number);
  if (!complaint) {
    seat.play(Number(number));
    field.value = "";
  }
  draw();
  field.focus();
});

on("chat", () => {
  const sent = seat.say($("message").value);
  set("chat-note", sent ? "" : "Attends que la connexion revienne.");
});

$("me").addEventListener("click", () => askName(""));
$("here").addEventListener("click", () => location.reload()); // a page that opens takes the seat

// A button that does not take the focus leaves the keyboard of a phone open.
for (const button of document.querySelectorAll("form button")) {
  button.addEventListener("mousedown", (event) => event.preventDefault());
}

function wrong(number) {
  const [low, high] = seat.state.bornes;
  if (!/^[+-]?[0-9]{1,12}$/.test(number)) return "Écris un nombre entier, comme 50.";
  const isIn = low <= Number(number) && Number(number) <= high;
  return isIn ? "" : `Joue entre ${low} et ${high} : ${number} ne compte pas.`;
}

// Small tools.

function on(form, act) {
  $(form).noValidate = true; // we say ourselves what is wrong
  $(form).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

// Of the <main>s, one is there at a time.
function show(id) {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
  set("link", "");
}

// Writes only what is new: a screen reader says again what is written again.
function set(id, text) {
  if ($(id).textContent !== String(text)) $(id).textContent = text;
}

function list(id, rows, fill) {
  const key = JSON.stringify(rows);
  if ($(id).key === key) return;
  $(id).key = key;
  const items = rows.map((row) => {
    const item = element("li", "");
    item.append(...fill(row, item));
    return item;
  });
  $(id).replaceChildren(...items);
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function withArrow(answer) {
  return answer && `${ARROWS[answer]} ${answer}`;
}

function counted(count, noun) {
  return `${count.toLocaleString("fr")} ${noun}${count > 1 ? "s" : ""}`;
}

function ordinal(rank) {
  return `${rank}${rank === 1 ? "er" : "e"}`;
}

function asSentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
