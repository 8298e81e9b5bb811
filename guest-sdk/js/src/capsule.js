// Makes the export `boll:hook/handler` of functions.

import { Event } from "./event.js";
import { Failure, failure } from "./failure.js";
import { reply } from "./reply.js";

/** The export of a capsule whose actions are these functions, by their names. */
export function capsule(actions) {
  return {
    handle(action, event) {
      try {
        if (!Object.hasOwn(actions, action)) throw new Failure(action, "unknown-action");
        return reply(actions[action](new Event(event)));
      } catch (error) {
        const { kind, message } = failure(error);
        throw { tag: kind, val: message };
      }
    },
  };
}
