// Publishes to topics.

import hook from "boll:hook/hook@0.2.0";
import { Failure } from "./failure.js";
import { whole32 } from "./number.js";
import { asking } from "./refused.js";
import { payload } from "./reply.js";
import { decode, unicode } from "./utf8.js";

const host = asking(hook);

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
  const answers = host.trigger(unicode(topic, "the topic"), payload(value), options(timeoutMs));
  return answers.map((answer) => new Answer(answer));
}

/** How an ordered chain ended. */
export class Verdict {
  constructor({ tag, val }) {
    this.kind = tag;
    this.capsule = val.capsule ?? null;
    this.payload = tag === "passed" ? val : (val.payload ?? null);
    this.reason = val.reason ?? null;
    this.answer = tag === "stopped" ? new Answer(val) : null;
  }

  /** The JSON value that the chain left. Fails where a subscriber denied or did not answer properly. */
  json() {
    const who = `the capsule \`${this.capsule}\``;
    if (this.kind === "denied") throw new Failure(`${who} denied: ${this.reason}`);
    if (this.kind === "stopped") throw new Failure(`${who} did not answer properly: ${this.answer.kind}`);
    return JSON.parse(decode(this.payload));
  }
}

/** Passes the value through all subscribers; gives how the chain ended. */
export function verdict(topic, value, { timeoutMs = null } = {}) {
  return new Verdict(host.intercept(unicode(topic, "the topic"), payload(value), options(timeoutMs)));
}

/** Passes the value through all subscribers; gives what they left, as JSON. Fails when one denied. */
export function intercept(topic, value, given) {
  return verdict(topic, value, given).json();
}
