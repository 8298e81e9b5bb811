// JSON of values that JSON has a form for. JSON.stringify turns the others into `{}` or null.

import { Failure } from "./failure.js";

/** The JSON of a value. Fails with the path of the first value that has no form in JSON. */
export function stringify(value) {
  const paths = new WeakMap();
  const text = JSON.stringify(value, function (key, said) {
    const itself = this[key];
    // The root is in a holder of its own, which has no path.
    const path = pathOf(paths.get(this), key, Array.isArray(this));
    // An object leaves out what is undefined, as JavaScript's authors expect.
    if (said === undefined && itself === undefined && paths.has(this) && !Array.isArray(this)) {
      return undefined;
    }
    const why = refusal(itself, said);
    if (why !== undefined) throw new Failure(`${path || "the value"} ${why}`);
    if (typeof said === "object" && said !== null) paths.set(said, path);
    return said;
  });
  return wellFormed(text);
}

function pathOf(parent, key, inArray) {
  if (parent === undefined) return "";
  if (inArray) return `${parent}[${key}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

/** Why a value has no form in JSON; `said` is what its `toJSON` made of it. */
function refusal(itself, said) {
  switch (typeof said) {
    case "undefined":
      return "is undefined, which has no form in JSON: use null";
    case "function":
    case "symbol":
      return `is a ${typeof said}, which has no form in JSON`;
    case "bigint":
      return "is a BigInt, which has no form in JSON: use Number(…) or String(…)";
    case "number":
      return Number.isFinite(said) ? undefined : `is ${said}, which has no form in JSON`;
    case "object":
      return said === null ? ofNull(itself) : ofObject(said);
    default:
      return undefined;
  }
}

function ofNull(itself) {
  return itself instanceof Date ? "is an invalid Date, which has no form in JSON" : undefined;
}

/** Classes whose instances JSON.stringify makes `{}` of, or lists of numbers by name. */
const LOST = [
  [Map, "use Object.fromEntries(…)"],
  [Set, "use […]"],
  [WeakMap],
  [WeakSet],
  [WeakRef],
  [Error, "use its message"],
  [RegExp, "use its source"],
  [ArrayBuffer, "use Array.from(new Uint8Array(…))"],
  [DataView],
];

function ofObject(value) {
  if (typeof value.then === "function") {
    return "is a promise: add `await`";
  }
  if (Array.isArray(value)) return undefined;
  const kind = Object.getPrototypeOf(value)?.constructor?.name || "an unnamed class";
  for (const [lost, instead] of LOST) {
    if (value instanceof lost) {
      return `is an instance of ${kind}, which has no form in JSON${instead ? `: ${instead}` : ""}`;
    }
  }
  if (ArrayBuffer.isView(value)) {
    return `is an instance of ${kind}, which has no form in JSON: use Array.from(…)`;
  }
  if (value instanceof Number && !Number.isFinite(value.valueOf())) {
    return `is ${value}, which has no form in JSON`;
  }
  if (typeof value[Symbol.iterator] === "function" && !(value instanceof String)) {
    return "is an iterator, which has no form in JSON: use Array.from(…)";
  }
  if (isOpaque(value)) {
    return `is an instance of ${kind} without properties that JSON includes: give it a toJSON()`;
  }
  return undefined;
}

/** Whether a value of another class than Object has nothing that JSON includes. */
function isOpaque(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  const isWrapper = [Number, String, Boolean, BigInt].some((wrapper) => value instanceof wrapper);
  return !isWrapper && Object.keys(value).length === 0;
}

/** Replaces the escape of each half of a character without the other, which is no Unicode. */
function wellFormed(text) {
  return text.replace(/\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g, (escape, after) =>
    after.length > 1 ? "\ufffd" : escape,
  );
}
