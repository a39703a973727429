// The link to the host: the game's own lines over a WebSocket, one line a message.
// It comes back by itself: with growing waits, and at once when the page is looked at again
// or the network returns. What is said on it is for the page to decide, all but the code: who has
// none that is good hangs up, and calls again when somebody has typed one.

import { code } from "./door.js";

const WAITS = [300, 600, 1200, 2400, 5000]; // ms; the last one for ever
const QUIET = 15_000; // ms without a line after which we ask whether the host is still there
const PATIENCE = 8_000; // ms in which the host must then say something
const GLANCE = 2_500; // the same for a page that was just woken: a sleeping phone loses its link
const LOCKED = "erreur code ";

export class Link {
  code = ""; // the one that opened the door; empty if nobody asked for it
  #socket = null;
  #tries = 0;
  #timer = 0; // the next try, or the next question whether the host is there
  #ended = false;
  #isLocked = false; // ended, until there is a code
  #isKnocking = false; // the code is said, and not answered
  #wasRefused = false; // because we had not said it
  #greeting = "";
  #hear;

  // hear.open() when a link stands, hear.line(text) for each line of the host,
  // hear.lost(ms) when it broke and when the next try is, hear.locked(sentence, code) when a
  // code is wanted, and why that one was refused.
  constructor(hear) {
    this.#hear = hear;
    code.come = () => this.#isLocked && this.#call();
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#drop());
    addEventListener("pageshow", () => this.#wake());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#wake();
    });
    this.#connect();
  }

  // Returns whether the line is on its way; if not, say it again after the next open().
  send(line) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(line);
    return true;
  }

  // Says the code before anything else, if somebody gave it to this page.
  knock() {
    if (code.isNew && !this.code) this.#knock();
  }

  // Calls again, with the code that was asked for.
  unlock(typed) {
    code.keep(typed);
    if (this.#isLocked) this.#call();
  }

  // Ends the link for good: the game goes on elsewhere.
  end() {
    this.#ended = true;
    this.#drop();
  }

  #call() {
    this.#ended = this.#isLocked = false;
    this.#tries = 0;
    this.#connect();
  }

  #connect() {
    this.code = "";
    this.#isKnocking = this.#wasRefused = false;
    this.#wait(PATIENCE, () => this.#drop());
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#listen();
      this.#hear.open();
    };
    socket.onmessage = ({ data }) => {
      if (data.startsWith("etat")) this.#tries = 0; // a host that only says no is not asked often
      this.#listen();
      if (data.startsWith("hello")) this.#greeting = data;
      if (data === "ok" && this.#isKnocking) this.#enter();
      else if (data.startsWith(LOCKED)) this.#refuse(data.slice(LOCKED.length));
      else if (!data.startsWith("pong")) this.#hear.line(data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#drop();
    };
  }

  #knock() {
    this.#isKnocking = this.send(`code ${code.text}`);
  }

  #enter() {
    this.#isKnocking = false;
    this.code = code.text;
    if (!this.#wasRefused) return;
    this.#hear.open(); // all that was said at the door, again
    this.#hear.line(this.#greeting);
  }

  #refuse(sentence) {
    if (code.text && !this.#isKnocking && !this.#wasRefused) {
      this.#wasRefused = true; // a code from the last visit may be good
      return this.#knock();
    }
    const knocked = this.#isKnocking;
    this.#isLocked = true;
    this.end();
    if (knocked) this.#hear.locked(sentence, code.forget());
    else this.#hear.locked("", "");
  }

  #listen() {
    this.#wait(QUIET, () => this.#ask(PATIENCE));
  }

  #ask(patience) {
    this.send("ping");
    this.#wait(patience, () => this.#drop());
  }

  // Gives a link up, whether it knows already that it is dead or not, and plans the next try.
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const wait = WAITS[Math.min(this.#tries++, WAITS.length - 1)] * (0.75 + Math.random() / 2);
    this.#wait(wait, () => this.#connect());
    this.#hear.lost(wait);
  }

  #wake() {
    if (this.#ended) return;
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#ask(GLANCE);
    } else if (this.#socket === null) {
      this.#tries = 0;
      this.#connect();
    }
  }

  #wait(ms, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
