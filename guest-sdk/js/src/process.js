// Runs host programs to their end.

import process from "boll:process/process@0.2.0";
import { Exit, command } from "./command.js";
import { asking } from "./refused.js";
import { decode, encode } from "./utf8.js";

const host = asking(process);

/** Runs a program to its end. It does not have to succeed: see `status`. */
export function run(program, args = [], options = {}) {
  const { input } = options;
  const bytes = typeof input === "string" ? encode(input) : input;
  const stdin = bytes === undefined ? { tag: "null" } : { tag: "bytes", val: bytes };
  return new Output(host.run(command(program, args, options, stdin)));
}

/** What a program left behind. */
export class Output {
  constructor({ exit, stdout, stderr, elapsedMs }) {
    this.status = new Exit(exit);
    this.stdoutBytes = stdout.bytes;
    this.stderrBytes = stderr.bytes;
    this.stdoutDropped = stdout.dropped;
    this.stderrDropped = stderr.dropped;
    this.elapsedMs = elapsedMs;
  }

  get stdout() {
    return decode(this.stdoutBytes);
  }

  get stderr() {
    return decode(this.stderrBytes);
  }
}
