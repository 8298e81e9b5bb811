// What the snapshot of the build has frozen, and is refused in a call for that.

const frozen = Math.random;

function refused() {
  throw new Error(
    "Math.random gives the same numbers in every instance, as it is a part of the snapshot of the build: " +
      'add `import "boll-sdk/random"`, and `import wasi:random/random@0.2.0` to the world',
  );
}

/** Called before each call. At the build, what is drawn may be the same everywhere. */
export function refuseWhatIsFrozen() {
  if (Math.random === frozen) Math.random = refused;
}
