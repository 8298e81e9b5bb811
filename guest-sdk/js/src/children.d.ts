import type { Exit, Options } from "./process.js";

/** Starts a program. It ends with the call at the latest, unless it is detached. */
export function spawn(program: string, args?: (string | number)[], options?: Options): Child;
/** A child that this capsule detached for the same principal. It is read from its beginning. */
export function attach(id: string): Child;

export interface Timeout {
  /** 30,000 unless given. */
  timeoutMs?: number;
}

export class Child {
  /** Writes to its standard input, whole; fails when it reads nothing for so long. */
  write(data: string | Uint8Array, options?: Timeout): void;
  closeStdin(): void;
  /** The next line without its newline, or null at the end; fails when there is none for so long. */
  readLine(options?: Timeout & { channel?: "stdout" | "stderr" }): string | null;
  /** Its exit, or null when it is still running after so long. */
  wait(options?: { timeoutMs?: number }): Exit | null;
  /** Interrupts it, terminates it after the grace (2,000 ms), then kills it. */
  stop(options?: { graceMs?: number }): Exit;
  /** Sends a signal of the contract, such as "interrupt", to its whole process tree. */
  signal(name: string): void;
  /** Lets it live on after the call; gives the id for `attach`. */
  detach(): string;
}
