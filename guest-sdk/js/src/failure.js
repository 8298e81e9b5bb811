// What an action answers when something went wrong.

import { ofSource } from "./positions.js";

/** The kinds of the contract. */
const KINDS = ["failed", "invalid-payload", "unknown-action"];

/** Where this library is, as the engine names it. */
const LIBRARY = /([^\s()]*\/)failure\.js/.exec(new Error().stack ?? "")?.[1];

/** How many functions an unexpected error names. */
const FRAMES = 10;

/** The action did not succeed, for the reason that is the message. To be thrown. */
export class Failure extends Error {
  /** `kind` is one of the contract: "failed", "invalid-payload", "unknown-action". */
  constructor(message, kind = "failed") {
    if (!KINDS.includes(kind)) throw new TypeError(`\`${kind}\` is not a kind of failure`);
    super(String(message).toWellFormed());
    this.name = "Failure";
    this.kind = kind;
  }
}

/** The failure that anything thrown stands for. */
export function failure(error) {
  if (error instanceof Failure) return error;
  if (error?.payload !== undefined) return new Failure(describe(error.payload));
  return new Failure(`${text(error)}${frames(error)}`);
}

/** The text of anything thrown, also of what has none. */
function text(error) {
  try {
    return String(error);
  } catch {
    return "something without a text was thrown";
  }
}

/** Where an unexpected error comes from, a line for each function of the author's. */
function frames(error) {
  if (!(error instanceof Error) || typeof error.stack !== "string") return "";
  const lines = error.stack.split("\n").map((line) => line.trim());
  const isOwn = (line) => LIBRARY !== undefined && line.includes(LIBRARY);
  const called = lines.filter((line) => line.startsWith("at "));
  const at = called.map(ofSource).filter((line) => line !== null && !isOwn(line));
  // The module root is a folder `/` of its own, and the project for the reader.
  return at.slice(0, FRAMES).map((line) => `\n    ${line.replace("(/", "(")}`).join("");
}

/** What one of the host's errors says. */
function describe(payload) {
  if (typeof payload !== "object" || payload === null) return String(payload);
  const { tag, val } = payload;
  if (val === undefined || val === null) return tag;
  if (tag === "denied" && val.capability !== undefined) {
    return `the capability \`${val.capability}\` is missing: ${val.reason}`;
  }
  return `${tag}: ${typeof val === "object" ? JSON.stringify(val) : val}`;
}
