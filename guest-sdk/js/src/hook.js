// Publishes to topics.

import hook from "boll:hook/hook@0.2.0";
import { Failure } from "./failure.js";
import { whole32 } from "./number.js";
import { payload } from "./reply.js";
import { decode, unicode } from "./utf8.js";

function options(timeoutMs) {
  return { timeoutMs: whole32(timeoutMs, "timeoutMs") };
}

/** What one subscriber answered. */
export class Answer {
  constructor({ capsule, action, outcome }) {
    this.capsule = capsule;
    this.action = action;
    this.outcome = outcome;
  }

  /** The contract's word for it, such as "continue". */
  get kind() {
    return this.outcome.tag;
  }

  /** The bytes that it gave, of "continue" and "final"; null where there are none. */
  get payload() {
    const given = this.kind === "continue" || this.kind === "final";
    return given ? (this.outcome.val ?? null) : null;
  }

  /** The JSON value that it gave; null where there is none. */
  json() {
    return this.payload === null ? null : JSON.parse(decode(this.payload));
  }

  /** Why it gave none, of "deny", "failed" and "crashed"; null otherwise. */
  get reason() {
    const { tag, val } = this.outcome;
    if (tag === "failed") return `${val.tag}: ${val.val}`;
    return tag === "deny" || tag === "crashed" ? val : null;
  }
}

/** Tells all subscribers at once; gives every answer. */
export function trigger(topic, value, { timeoutMs = null } = {}) {
  const answers = hook.trigger(unicode(topic, "the topic"), payload(value), options(timeoutMs));
  return answers.map((answer) => new Answer(answer));
}

/** Passes the value through all subscribers; gives what they left, as JSON. Fails when one denied. */
export function intercept(topic, value, { timeoutMs = null } = {}) {
  const { tag, val } = hook.intercept(unicode(topic, "the topic"), payload(value), options(timeoutMs));
  if (tag === "passed") return JSON.parse(decode(val));
  if (tag === "final") return JSON.parse(decode(val.payload));
  const who = `the capsule \`${val.capsule}\``;
  if (tag === "denied") throw new Failure(`${who} denied: ${val.reason}`);
  throw new Failure(`${who} did not answer properly: ${val.outcome.tag}`);
}
