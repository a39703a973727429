// The time left in a round: the host tells whole seconds now and then, and the page counts on.

const MORE_TIME = 2500; // ms by which a deadline moves only if the teacher wants it

export class Countdown {
  #deadline = null; // by this page's own clock; null without a limit, or a round
  #round = 0; // whose deadline that is
  #state = null; // the one followed last: hearing it again later tells nothing

  // Takes in a state. The host rounds up: "12 seconds" means between 11 and 12. So each state gives
  // the deadline an earliest and a latest time, and moves it only if it lies outside; if far
  // outside, the teacher has given the round more time.
  follow(state) {
    if (state === this.#state) return;
    this.#state = state;
    const { manche, secondes } = state;
    if (secondes == null) {
      this.#deadline = null;
      return;
    }
    const latest = performance.now() + secondes * 1000;
    const other = this.#round !== manche || Math.abs(latest - this.#deadline) > MORE_TIME;
    if (this.#deadline === null || other) this.#deadline = latest;
    this.#deadline = Math.min(Math.max(this.#deadline, latest - 1000), latest);
    this.#round = manche;
  }

  // Whole seconds; null if nothing ends the round but its players.
  get seconds() {
    if (this.#deadline === null) return null;
    return Math.max(0, Math.ceil((this.#deadline - performance.now()) / 1000));
  }
}

// Whole seconds as a clock shows them.
export function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
