// Makes the exports of `boll:lifecycle` of functions.

import { failure } from "./failure.js";
import { beginCall } from "./frozen.js";
import { waited } from "./waiting.js";

function exported(name, work) {
  return {
    [name](...given) {
      beginCall();
      try {
        waited(`\`${name}\``, () => work(...given));
      } catch (error) {
        throw failure(error).message;
      }
    },
  };
}

/** The export `run`, the run loop of a service: it has ended when the function has. */
export function service(work) {
  return exported("run", work);
}

/** The export `install`, called when the capsule is loaded for the first time. */
export function onInstall(work) {
  return exported("install", work);
}

/** The export `upgrade`, called with the version before when the capsule's version has risen. */
export function onUpgrade(work) {
  return exported("upgrade", work);
}
