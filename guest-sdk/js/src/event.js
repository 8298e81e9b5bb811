// What an action is called with.

import { Failure } from "./failure.js";
import { decodeStrictly } from "./utf8.js";

/** One event: its topic, or null when the action was called by name, and its payload. */
export class Event {
  constructor({ topic, payload }) {
    this.topic = topic ?? null;
    this.payload = payload instanceof Uint8Array ? payload : new Uint8Array(payload);
  }

  /** The payload as text. What is no UTF-8 is answered as an invalid payload. */
  text() {
    const text = decodeStrictly(this.payload);
    if (text === undefined) throw new Failure("not UTF-8", "invalid-payload");
    return text;
  }

  /** The payload's JSON value. What is none is answered as an invalid payload. */
  json() {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Failure(`not JSON: ${error.message}`, "invalid-payload");
    }
  }
}
