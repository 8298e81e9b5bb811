// Commands and exits in the contract's form.

const RING = 1 << 20;

/** A command for the host. */
export function command(program, args, options, stdin) {
  const { cwd = null, env = {}, deadlineMs = null, label = null, capture = RING } = options;
  const { memory = null, cpuSeconds = null, pids = null } = options.limits ?? {};
  const { openFiles = null, fileSize = null } = options.limits ?? {};
  return {
    program,
    args: args.map(String),
    cwd,
    env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
    stdin,
    stdout: { tag: "ring", val: capture },
    stderr: { tag: "ring", val: capture },
    limits: { memory, cpuSeconds, pids, openFiles, fileSize },
    deadlineMs,
    label,
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
