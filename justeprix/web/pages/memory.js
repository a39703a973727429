// What outlives a refresh. Some browsers forbid that; then what is in memory has to do.

export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // The game goes on; only a refresh would lose it.
  }
}
