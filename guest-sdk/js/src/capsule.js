// Makes the export `boll:hook/handler` of functions.

import { Event } from "./event.js";
import { Failure, failure } from "./failure.js";
import { refuseWhatIsFrozen } from "./frozen.js";
import { reply } from "./reply.js";

/** What an action returned. Nobody would wait for a promise: the host's functions return when they are done. */
function answer(action, value) {
  if (typeof value?.then !== "function") return value;
  // Without this a rejection would be reported twice.
  Promise.resolve(value).catch(() => {});
  throw new Failure(
    `the action \`${action}\` is asynchronous, and capsules in JavaScript run no promises: ` +
      "remove `async` and `await`; every function of the host returns its result",
  );
}

/** The export of a capsule whose actions are these functions, by their names. */
export function capsule(actions) {
  return {
    handle(action, event) {
      refuseWhatIsFrozen();
      try {
        if (!Object.hasOwn(actions, action)) throw new Failure(action, "unknown-action");
        return reply(answer(action, actions[action](new Event(event))));
      } catch (error) {
        const { kind, message } = failure(error);
        throw { tag: kind, val: String(message).toWellFormed() };
      }
    },
  };
}
