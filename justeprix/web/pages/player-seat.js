// A player's seat: the talk with the host, and what must outlive a refresh, a sleeping phone and
// a host that restarts. It knows nothing of what is on screen; it tells the page what happens.
//
// Every guess has a number (seq), the last one plus one, and is written down before it is sent.
// Whatever breaks then, asking again under the same seq gets the answer and counts nothing.

import { Link } from "./link.js";
import { read, write } from "./memory.js";

const MEMORY = "justeprix";
const OWNER = "justeprix.onglet"; // the tab that plays
const TAB = String(Math.random());

const BLANK = {
  name: "",
  wanted: "", // a name asked for, the host has not said yes yet
  token: "", // takes our session up again
  round: "", // the seal of the round that we are in; empty in practice
  guesses: [], // those against the secret of now: {seq, number, answer}
  pending: null, // the guess without an answer: {seq, number, round}
};

export class Seat {
  state = null; // the latest `etat`
  online = false; // the host and we know the same
  #memory = { ...BLANK, ...JSON.parse(read(MEMORY) ?? "{}") };
  #link = null;
  #seatIsTaken = false; // over this link; else it is still opening, or lost
  #page;
  #asked = []; // what we asked: answers come in the same order, and an error does not say to what
  #last = 0; // seq of the last guess that the host counted
  #first = 1; // seq of the first one against the secret of now

  // The page hears: changed(), lost(ms), closed(sentence), paused(), refused(sentence), unnamed(sentence),
  // said(), muted(sentence), heard(text), excluded(sentence), elsewhere(), locked(sentence, code).
  constructor(page) {
    this.#page = page;
    addEventListener("storage", () => this.#check());
    if (this.#memory.token || this.#memory.wanted) this.#take();
  }

  get name() {
    return this.state?.moi?.nom ?? (this.#memory.wanted || this.#memory.name);
  }

  get isNamed() {
    return Boolean(this.#memory.name || this.#memory.wanted);
  }

  get guesses() {
    return this.#memory.guesses;
  }

  get pending() {
    return this.#memory.pending;
  }

  get found() {
    return this.guesses.at(-1)?.answer === "gagné" || Boolean(this.state?.moi?.manche?.trouve);
  }

  get count() {
    return Math.max(this.guesses.length, this.state?.moi?.manche?.coups ?? 0);
  }

  enter(name) {
    if (!this.#link) this.#take(); // first: only the tab that plays may save
    this.#save({ wanted: name });
    if (this.#seatIsTaken) this.#ask("nom", `nom ${name}`);
  }

  play(number) {
    const { round, pending } = this.#memory;
    if (pending || !this.#check()) return;
    this.#save({ pending: { seq: this.#last + 1, number, round } });
    if (this.online) this.#guess();
  }

  unlock(code) {
    if (this.#check()) this.#link.unlock(code);
  }

  say(text) {
    return this.#ask("dire", `dire ${text}`);
  }

  // One tab plays: the last one that was opened.

  #take() {
    write(OWNER, TAB);
    this.#link = new Link({
      open: () => (this.#asked = []),
      line: (line) => this.#hear(line),
      lost: (ms) => this.#lose(ms),
      locked: (...why) => this.#page.locked(...why),
    });
  }

  // A tab that slept may have missed the news that another one plays.
  #check() {
    const owner = read(OWNER);
    if (owner === null || owner === TAB) return true;
    this.#end();
    this.#page.elsewhere();
    return false;
  }

  #save(changes) {
    Object.assign(this.#memory, changes);
    if (read(OWNER) === TAB) write(MEMORY, JSON.stringify(this.#memory));
  }

  // The talk.

  #ask(what, line) {
    const sent = this.#link.send(line);
    if (sent && what !== "suivre") this.#asked.push(what); // an `etat` comes unasked too
    return sent;
  }

  #hear(line) {
    const [, word, rest] = /^(\S+) ?(.*)$/s.exec(line);
    this.#words[word]?.(rest);
  }

  #words = {
    hello: () => {
      if (!this.#check()) return;
      const { token } = this.#memory;
      if (!token) this.#link.knock(); // a token opens every door
      this.#ask("session", `session ${token}`);
    },
    session: (rest) => this.#seated(...this.#answer(rest).split(" ")),
    nom: (rest) => {
      this.#save({ name: this.#answer(rest), wanted: "" });
      this.#ask("session", "session"); // the seat of that name may have guesses of its own
    },
    resultat: (rest) => this.#learn(...this.#answer(rest).split(" ")),
    ok: (rest) => this.#page.said(this.#answer(rest)),
    etat: (rest) => this.#follow(JSON.parse(rest)),
    message: (rest) => this.#page.heard(rest),
    erreur: (rest) => {
      const [, code, sentence] = /^(\S+) ?(.*)$/.exec(rest);
      this.#errors[this.#asked.shift() ?? "nothing"](code, sentence);
    },
    shutdown: (rest) => this.#close(/^pause\b/.test(rest)),
    FIN: () => this.#close(this.state?.retour),
  };

  #answer(rest) {
    this.#asked.shift();
    return rest;
  }

  #errors = {
    session: (code, sentence) => {
      if (code === "exclu") {
        this.#end();
        return this.#page.excluded(sentence);
      }
      // The token is of another game: begin anew, under the same name if we can.
      const { name, wanted } = this.#memory;
      this.#save({ ...BLANK, wanted: wanted || name });
      this.#ask("session", "session");
    },
    nom: (code, sentence) => {
      this.#save({ wanted: "" });
      this.#page.unnamed(sentence);
    },
    guess: (code, sentence) => {
      this.#save({ pending: null });
      if (code === "sequence") this.#ask("session", "session"); // hear where the host is
      this.#page.refused(sentence);
    },
    dire: (code, sentence) => this.#page.muted(sentence),
    nothing: (code, sentence) => this.#page.closed(sentence), // the host hangs up
  };

  // The host says goodbye.
  #close(pauses) {
    if (pauses) this.#page.paused();
    else this.#page.closed("");
  }

  #end() {
    this.online = false;
    this.#link?.end();
  }

  #lose(ms) {
    this.online = this.#seatIsTaken = false;
    this.#page.lost(ms);
  }

  // The session is ours. `count`: how many guesses against the secret of now.
  #seated(token, last, count) {
    if (token !== this.#memory.token) this.#save({ token, guesses: [], pending: null });
    this.#last = Number(last);
    this.#first = this.#last - Number(count) + 1;
    this.#save({ guesses: this.guesses.filter(({ seq }) => seq >= this.#first) });
    this.#seatIsTaken = true;
    const { name, wanted } = this.#memory;
    if (wanted) this.#ask("nom", `nom ${wanted}`);
    else if (name) this.#ask("suivre", "suivre");
    else this.#page.unnamed("");
  }

  #follow(state) {
    this.state = state;
    const { name, wanted } = this.#memory;
    const called = state.moi?.nom ?? name; // the teacher may change it
    if (!wanted && called !== name) this.#save({ name: called });
    const round = state.sceau ?? "";
    if (round !== this.#memory.round) {
      // A new secret: of the guesses we know, only the last ones can be against it.
      const count = state.moi?.manche?.coups ?? 0;
      this.#first = this.#last - count + 1;
      this.#save({ round, guesses: this.guesses.filter(({ seq }) => seq >= this.#first) });
    }
    const back = !this.online;
    this.online = true;
    this.#page.changed();
    if (back) this.#settle();
  }

  // Back on a link: what became of the guess that had no answer?
  #settle() {
    const { pending, round } = this.#memory;
    if (!pending) return;
    const counted = pending.seq <= this.#last;
    const next = pending.seq === this.#last + 1 && pending.round === round;
    if (counted || next) return this.#guess();
    this.#save({ pending: null });
    this.#page.refused(`${pending.number} n'est pas parti à temps : il ne compte pas`);
  }

  #guess() {
    const { seq, number } = this.#memory.pending;
    this.#ask("guess", `#${seq} ${number}`);
  }

  #learn(seqText, answer) {
    const { pending } = this.#memory;
    const seq = Number(seqText);
    if (pending?.seq !== seq) return;
    this.#last = Math.max(this.#last, seq);
    // In practice the number after `gagné` is the first one against a new secret.
    if (this.guesses.at(-1)?.answer === "gagné") this.#first = seq;
    const known = [...this.guesses, { seq, number: pending.number, answer }];
    this.#save({ pending: null, guesses: known.filter((guess) => guess.seq >= this.#first) });
    this.#page.changed();
  }
}
