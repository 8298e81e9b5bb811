// Waits in a call until a promise is settled: its jobs and timers run meanwhile.

import { Failure } from "./failure.js";
import { Native, Promise, forget, refuseUnhandled, runJobs } from "./promise.js";

/** The timers of `timers.js`, which is there only where something uses them. */
let timers = { fireNext: () => false, count: () => 0, clear() {} };

/** Called once, by the module with the timers. */
export function keepTimers(kept) {
  timers = kept;
}

/** All modules are loaded: runs what they have left. Nothing waits in a call for what is left of the build. */
export function loaded() {
  runJobs();
  refuseUnhandled();
  if (timers.count() > 0) {
    throw new Error("a timer was set while the modules are loaded, at the build: set it in an action");
  }
}

/** What a function of the author's returns, once it is settled. `what` names the function. */
export function waited(what, work) {
  try {
    return settled(what, work());
  } finally {
    // Nothing of this call runs in the next one.
    timers.clear();
    forget();
  }
}

function settled(what, value) {
  if (typeof value?.then !== "function") {
    runJobs();
    refuseUnhandled();
    return value;
  }
  if (value instanceof Native) {
    Native.prototype.catch.call(value, () => {});
    throw new Failure(
      `${what} is asynchronous in a way that the engine cannot wait for: build it with \`node sdk/build/main.js\`, ` +
        "and call nothing asynchronous that `eval` made",
    );
  }
  let state = null;
  Promise.resolve(value).then(
    (result) => (state = { result }),
    (reason) => (state = { reason }),
  );
  runJobs();
  while (state === null && timers.fireNext()) runJobs();
  if (state === null) throw new Failure(`${what} waits for a promise that nothing settles`);
  if ("reason" in state) throw state.reason;
  refuseUnhandled();
  return state.result;
}
