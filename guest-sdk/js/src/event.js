// What an action is called with.

import { Failure } from "./failure.js";
import { decode } from "./utf8.js";

/** One event: its topic, or null when the action was called by name, and its payload. */
export class Event {
  constructor({ topic, payload }) {
    this.topic = topic ?? null;
    this.payload = payload instanceof Uint8Array ? payload : new Uint8Array(payload);
  }

  /** The payload as text, with U+FFFD for what is not UTF-8. */
  text() {
    return decode(this.payload);
  }

  /** The payload's JSON value. What is none is answered as an invalid payload. */
  json() {
    try {
      return JSON.parse(this.text());
    } catch (error) {
      throw new Failure(`not JSON: ${error.message}`, "invalid-payload");
    }
  }
}
