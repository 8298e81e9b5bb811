// Publishes to topics.

import hook from "boll:hook/hook@0.2.0";
import { Failure } from "./failure.js";
import { whole32 } from "./number.js";
import { payload } from "./reply.js";
import { decode, unicode } from "./utf8.js";

function options(timeoutMs) {
  return { timeoutMs: whole32(timeoutMs, "timeoutMs") };
}

/** Tells all subscribers at once; gives every answer. */
export function trigger(topic, value, { timeoutMs = null } = {}) {
  return hook.trigger(unicode(topic, "the topic"), payload(value), options(timeoutMs));
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
