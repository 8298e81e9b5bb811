// Makes the export `boll:hook/handler` of functions.

import { Event } from "./event.js";
import { Failure, failure } from "./failure.js";
import { beginCall } from "./frozen.js";
import { reply } from "./reply.js";
import { waited } from "./waiting.js";

/** The export of a capsule whose actions are these functions, by their names. */
export function capsule(actions) {
  return {
    handle(action, event) {
      beginCall();
      try {
        if (!Object.hasOwn(actions, action)) throw new Failure(action, "unknown-action");
        return reply(waited(`the action \`${action}\``, () => actions[action](new Event(event))));
      } catch (error) {
        const { kind, message } = failure(error);
        throw { tag: kind, val: String(message).toWellFormed() };
      }
    },
  };
}
