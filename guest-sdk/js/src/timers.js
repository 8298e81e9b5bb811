// Timers, which fire while a call waits for a promise.

import clock from "wasi:clocks/monotonic-clock@0.2.12";
import { keepTimers } from "./waiting.js";

/** The longest time, in milliseconds, as in browsers; a longer one is none. */
const LONGEST = 2 ** 31 - 1;
const NANOSECONDS = 1e6;

/** By their ids, in the order in which they were set. */
const timers = new Map();
let last = 0;

const now = () => Number(clock.now()) / NANOSECONDS;

function set(work, delay, args, repeats) {
  if (typeof work !== "function") throw new TypeError("a timer needs a function");
  const given = Number(delay);
  // As in Node.js: no less than a millisecond, and what is no delay is one.
  const wait = given >= 1 && given <= LONGEST ? given : 1;
  last += 1;
  timers.set(last, { work: () => work(...args), due: now() + wait, every: repeats ? wait : null });
  return last;
}

export const setTimeout = (work, delay, ...args) => set(work, delay, args, false);
export const setInterval = (work, delay, ...args) => set(work, delay, args, true);
export const setImmediate = (work, ...args) => set(work, 0, args, false);
export const clearTimeout = (id) => void timers.delete(Number(id));
export const clearInterval = clearTimeout;
export const clearImmediate = clearTimeout;

/** Waits for the next timer and runs its function. Returns whether there was one. */
function fireNext() {
  let id = null;
  for (const [other, { due }] of timers) if (id === null || due < timers.get(id).due) id = other;
  if (id === null) return false;
  const timer = timers.get(id);
  const left = timer.due - now();
  if (left > 0) clock.subscribeDuration(Math.ceil(left * NANOSECONDS)).block();
  if (timer.every === null) timers.delete(id);
  else timer.due = now() + timer.every;
  timer.work();
  return true;
}

keepTimers({ fireNext, count: () => timers.size, clear: () => timers.clear() });
