// The code that some hosts want before all else: where it comes from, and the form that asks for it.
// It is kept until a host refuses it, so what is kept is tried once, and then asked for.

import { read, write } from "./memory.js";

const MEMORY = "justeprix.code";
const BEHIND = /^#([0-9A-Za-z]{4,20})$/; // an address; browsers tell nobody what stands there

class Code {
  text = read(MEMORY) ?? "";
  isNew = false; // somebody gave it to this page: it is meant for this host
  come = () => {}; // called when one is put behind the address of a page that is open already

  constructor() {
    this.#take();
    addEventListener("hashchange", () => this.#take() && this.come());
  }

  keep(text) {
    this.text = text;
    this.isNew = true;
    write(MEMORY, text);
  }

  // Returns the code that was refused.
  forget() {
    const refused = this.text;
    this.text = "";
    this.isNew = false;
    if (read(MEMORY) === refused) write(MEMORY, ""); // another tab may know a better one
    return refused;
  }

  // Takes the code off the address bar: nobody reads it there, and no bookmark has it.
  #take() {
    const [, text] = BEHIND.exec(location.hash) ?? [];
    if (!text) return false;
    history.replaceState(null, "", location.pathname + location.search);
    this.keep(text);
    return true;
  }
}

export const code = new Code(); // at once: the address bar shows it until then

// The form, the same on every page. give(code) is called with what is typed; the page shows the
// form, and then calls what this returns, with a sentence and the code that was refused.
export function codeForm(give) {
  const [form, field, note] = ["code", "code-field", "code-note"].map((id) =>
    document.getElementById(id),
  );
  form.noValidate = true; // the host says what is wrong
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = field.value.replace(/\s/g, ""); // what keyboards add, and people between digits
    note.textContent = ""; // so that a screen reader says the same sentence again
    if (typed) give(typed);
    else field.focus();
  });
  return (sentence, refused) => {
    if (refused) field.value = refused;
    note.textContent = sentence;
    field.focus();
    field.select();
  };
}
