// Commands and exits in the contract's form.

import { whole, whole32 } from "./number.js";
import { unicode } from "./utf8.js";

const RING = 1 << 20;

/** A command for the host. */
export function command(program, args, options, stdin) {
  const { cwd = null, env = {}, deadlineMs = null, label = null, capture = RING } = options;
  const { memory = null, cpuSeconds = null, pids = null } = options.limits ?? {};
  const { openFiles = null, fileSize = null } = options.limits ?? {};
  return {
    program: unicode(program, "the program"),
    args: args.map((arg) => unicode(arg, "an argument")),
    cwd: cwd === null ? null : unicode(cwd, "the folder"),
    env: Object.entries(env).map(([name, value]) => ({
      name: unicode(name, "the name of a variable"),
      value: unicode(value, `the variable ${name}`),
    })),
    stdin,
    stdout: { tag: "ring", val: whole(capture, "capture") ?? RING },
    stderr: { tag: "ring", val: whole(capture, "capture") ?? RING },
    limits: {
      memory: whole(memory, "the limit memory"),
      cpuSeconds: whole(cpuSeconds, "the limit cpuSeconds"),
      pids: whole32(pids, "the limit pids"),
      openFiles: whole32(openFiles, "the limit openFiles"),
      fileSize: whole(fileSize, "the limit fileSize"),
    },
    deadlineMs: whole(deadlineMs, "deadlineMs"),
    label: label === null ? null : String(label).toWellFormed(),
  };
}

/** How a program ended. */
export class Exit {
  constructor({ status, cause }) {
    this.code = status.tag === "code" ? status.val : null;
    this.signal = status.tag === "signal" ? status.val : null;
    this.launchFailure = status.tag === "launch-failed" ? status.val : null;
    this.cause = cause.tag === "limit" ? cause.val : cause.tag;
  }

  /** Whether it ended with 0. */
  get success() {
    return this.code === 0;
  }

  toString() {
    const why = this.cause === "own" ? "" : ` (${this.cause})`;
    if (this.launchFailure !== null) {
      return `it did not start: ${this.launchFailure.step}: ${this.launchFailure.message}`;
    }
    return this.code === null ? `signal: ${this.signal}${why}` : `exit status: ${this.code}${why}`;
  }
}
