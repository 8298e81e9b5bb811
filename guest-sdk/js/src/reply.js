// What an action answers when nothing went wrong.

import { stringify } from "./json.js";
import { encode } from "./utf8.js";

/** A reply in the contract's form; `deny`, `final` and `proceed` make one. */
export class Reply {
  constructor(tag, val) {
    this.tag = tag;
    this.val = val;
  }
}

/** Not allowed, for this reason. */
export function deny(reason) {
  return new Reply("deny", String(reason).toWellFormed());
}

/** Done: no handler after this one is asked. */
export function final(value) {
  return new Reply("final", payload(value ?? null));
}

/** Go on with this value in place of the payload; with the payload itself if there is none. */
export function proceed(value) {
  return new Reply("continue", value === undefined ? null : payload(value));
}

/** What an action returned, as a reply. */
export function reply(value) {
  const { tag, val } = value instanceof Reply ? value : proceed(value);
  return { tag, val };
}

/** Bytes as they are, everything else as JSON. Fails for what has no form in JSON. */
export function payload(value) {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return encode(stringify(value));
}
