// Reads the capsule's configuration.

import config from "boll:config/config@0.2.0";
import { Failure } from "./failure.js";
import { unicode } from "./utf8.js";

/** The text of a declared key, or undefined when it has no value. */
export function get(key) {
  return config.get(unicode(key, "the configuration key")) ?? undefined;
}

/** The value of a key of the type integer, number, boolean or json, or undefined. */
export function value(key) {
  const text = get(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(`the configuration key \`${key}\` is text: read it with \`get\``);
  }
}

/** Every declared key that has a value, with its text. */
export function all() {
  return Object.fromEntries(config.all().map(({ key, value }) => [key, value]));
}
