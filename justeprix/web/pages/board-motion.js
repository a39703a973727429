// Lists whose rows stay the same elements while what they show changes, and how things move.
// Nothing moves for who asked the system for less motion.

const MOVE = { duration: 700, easing: "ease-in-out" };
const APPEAR = { duration: 500, easing: "ease-out" };
const RISE = { duration: 900, easing: "cubic-bezier(0.2, 1.4, 0.4, 1)", fill: "backwards" };

const still = matchMedia("(prefers-reduced-motion: reduce)");

// Writes only what differs: the rest of the page is not touched.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Returns a function that makes the children of `parent` show a list of items.
// make() returns an empty row, fill(row, item) writes into it, keyOf(item) tells rows apart.
export function keyedList(parent, make, fill, keyOf = (item) => item.nom) {
  const rows = new Map();
  return (items) => {
    const before = places(rows);
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
    items.forEach((item, index) => {
      const key = keyOf(item);
      if (!rows.has(key)) rows.set(key, make());
      const row = rows.get(key);
      fill(row, item);
      if (parent.children[index] !== row) parent.insertBefore(row, parent.children[index] ?? null);
    });
    if (!still.matches) rows.forEach((row, key) => move(row, before.get(key)));
  };
}

// Lets an element rise into its place after `delay` ms; until then it can't be seen.
export function rise(element, delay) {
  if (still.matches) return;
  const start = { opacity: 0, transform: "translateY(3rem)" };
  element.animate([start, { opacity: 1, transform: "none" }], { ...RISE, delay });
}

function places(rows) {
  if (still.matches) return new Map();
  return new Map([...rows].map(([key, row]) => [key, place(row)]));
}

// A table row is measured and moved by its cells: not every browser moves a whole row.
const cells = (row) => (row.cells ? [...row.cells] : [row]);
const place = (row) => cells(row)[0].getBoundingClientRect();

// Moves a row from where it was to where it now is: it starts shifted back, and the shift vanishes.
function move(row, old) {
  const now = place(row);
  if (now.width === 0) return; // not on screen
  if (!old || old.width === 0) {
    animate(row, [{ opacity: 0 }, { opacity: 1 }], APPEAR);
    return;
  }
  const [x, y] = [old.left - now.left, old.top - now.top];
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return;
  animate(row, [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], MOVE);
}

function animate(row, frames, timing) {
  for (const cell of cells(row)) cell.animate(frames, timing);
}
