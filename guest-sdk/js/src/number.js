// Numbers that the host takes, which the runtime would trap on when they do not fit.

import { Failure } from "./failure.js";

const U32 = 0xffff_ffff;

/** A whole number from 0 to the most, or null for none. */
export function whole(value, what, most = Number.MAX_SAFE_INTEGER) {
  if (value === null || value === undefined) return null;
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new Failure(`${what} is ${String(value)}: it has to be a whole number from 0 to ${most}`);
}

/** The same of 32 bits. */
export function whole32(value, what) {
  return whole(value, what, U32);
}
