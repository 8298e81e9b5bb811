// What the snapshot of the build has frozen: it is refused in a call, or begins again with each.

const frozen = Math.random;
const clock = globalThis.performance;
/** When the call began, of both clocks. */
let began = clock.now();
let beganAt = Date.now();

function refused() {
  throw new Error(
    "Math.random gives the same numbers in every instance, as it is a part of the snapshot of the build: " +
      'add `import "boll-sdk/random"`, and `import wasi:random/random@0.2.0` to the world',
  );
}

globalThis.performance = Object.freeze({
  get timeOrigin() {
    return beganAt;
  },
  now: () => clock.now() - began,
});

/** Called before each call. At the build, what is drawn may be the same everywhere. */
export function beginCall() {
  if (Math.random === frozen) Math.random = refused;
  began = clock.now();
  beganAt = Date.now();
}
