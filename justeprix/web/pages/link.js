// The link to the host: the game's own lines over a WebSocket, one line a message.
// It comes back by itself: with growing waits, and at once when the page is looked at again
// or the network returns. What is said on it is for the page to decide.

const WAITS = [300, 600, 1200, 2400, 5000]; // ms; the last one for ever
const QUIET = 15_000; // ms without a line after which we ask whether the host is still there
const PATIENCE = 8_000; // ms in which the host must then say something
const GLANCE = 2_500; // the same for a page that was just woken: a sleeping phone loses its link

export class Link {
  #socket = null;
  #tries = 0;
  #timer = 0; // the next try, or the next question whether the host is there
  #ended = false;
  #hear;

  // hear.open() when a link stands, hear.line(text) for each line of the host,
  // hear.lost(ms) when it broke and when the next try is.
  constructor(hear) {
    this.#hear = hear;
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

  // Ends the link for good: the game goes on elsewhere.
  end() {
    this.#ended = true;
    this.#drop();
  }

  #connect() {
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
      if (!data.startsWith("pong")) this.#hear.line(data);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#drop();
    };
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
