/** Limits of a command; what is left out is the host's default. */
export interface Limits {
  /** Bytes of the process tree. */
  memory?: number;
  /** Processor time of the process tree. */
  cpuSeconds?: number;
  /** Processes and threads at the same time. */
  pids?: number;
  openFiles?: number;
  /** The largest file that may be written, in bytes. */
  fileSize?: number;
}

export interface Options {
  /** Relative to the workspace, or absolute below /workspace. */
  cwd?: string;
  env?: Record<string, string>;
  limits?: Limits;
  /** The process tree is ended when it has run this long. */
  deadlineMs?: number;
  /** A name for logs and listings. */
  label?: string;
  /** How many bytes of each output are kept, the newest; 1 MiB unless given. */
  capture?: number;
}

/** How a program ended. Its text is such as `exit status: 0`. */
export class Exit {
  readonly code: number | null;
  readonly signal: number | null;
  readonly launchFailure: { step: string; errno: number; message: string } | null;
  /** "own" when it ended of its own accord. */
  readonly cause: string;
  readonly success: boolean;
  toString(): string;
}

export class Output {
  readonly status: Exit;
  /** As text, with U+FFFD for what is not UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  /** How many older bytes were dropped. */
  readonly stdoutDropped: number;
  readonly stderrDropped: number;
  readonly elapsedMs: number;
}

/** Runs a program to its end. It does not have to succeed: see `status`. */
export function run(
  program: string,
  args?: (string | number)[],
  options?: Options & { input?: string | Uint8Array },
): Output;
