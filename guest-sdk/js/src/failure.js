// What an action answers when something went wrong.

import { ofSource } from "./positions.js";
import { HostError } from "./refused.js";
import { shown } from "./shown.js";

/** The kinds of the contract. */
const KINDS = ["failed", "invalid-payload", "unknown-action"];

/** Where this library is, as the engine names it. */
const LIBRARY = /([^\s()]*\/)failure\.js/.exec(new Error().stack ?? "")?.[1];

/** How many functions an unexpected error names. */
const FRAMES = 10;

/** How many causes of causes are told. */
const CAUSES = 4;

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
  if (error instanceof HostError) return new Failure(error.message);
  const [first, ...causes] = text(error).split(/(?=\n  caused by: )/);
  return new Failure(`${first}${frames(error)}${causes.join("")}`);
}

/** The text of anything thrown, also of what has none, with that of its causes. */
function text(error, depth = 0) {
  if (!(error instanceof Error)) {
    return typeof error === "string" ? error : `something other than an error was thrown: ${shown(error)}`;
  }
  const causes = error instanceof AggregateError ? error.errors : "cause" in error ? [error.cause] : [];
  if (depth === CAUSES) return shown(error);
  return [shown(error), ...causes.map((cause) => `caused by: ${text(cause, depth + 1)}`)].join("\n  ");
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
