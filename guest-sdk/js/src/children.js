// Drives programs that run beside the capsule.

import children from "boll:process/children@0.2.0";
import { Exit, command } from "./command.js";
import { Failure } from "./failure.js";
import { whole32 } from "./number.js";
import { asking } from "./refused.js";
import { decode, encode, joined, unicode } from "./utf8.js";

const host = asking(children);

const TIMEOUT_MS = 30_000;
const CHUNK = 65_536;
const NEWLINE = 0x0a;

/** Starts a program. It ends with the call at the latest, unless it is detached. */
export function spawn(program, args = [], options = {}) {
  return new Child(host.spawn(command(program, args, options, { tag: "pipe" })));
}

/** A child that this capsule detached for the same principal. It is read from its beginning. */
export function attach(id) {
  return new Child(host.attach(unicode(id, "the id of the child")));
}

/** A program that runs beside the capsule. */
export class Child {
  #handle;
  #read = { stdout: new Reading(), stderr: new Reading() };

  constructor(handle) {
    this.#handle = asking(handle);
  }

  /** Writes text or bytes to its standard input, whole. */
  write(data, { timeoutMs = TIMEOUT_MS } = {}) {
    let bytes = typeof data === "string" ? encode(data) : data;
    while (bytes.length > 0) {
      const taken = Number(this.#handle.write(bytes.slice(0, CHUNK), time(timeoutMs)));
      if (taken === 0) throw new Failure(`it read nothing for ${timeoutMs} ms`);
      bytes = bytes.slice(taken);
    }
  }

  closeStdin() {
    this.#handle.closeStdin();
  }

  /** The next line of an output without its newline, or null at its end. */
  readLine({ channel = "stdout", timeoutMs = TIMEOUT_MS } = {}) {
    const reading = this.#read[channel];
    for (;;) {
      const line = reading.takeLine();
      if (line !== undefined) return line;
      const chunk = this.#handle.read(channel, reading.cursor, CHUNK, time(timeoutMs));
      if (chunk.bytes.length === 0 && !chunk.eof) {
        throw new Failure(`it wrote no line for ${timeoutMs} ms`);
      }
      reading.add(chunk);
    }
  }

  /** Its exit, or null when it is still running after so long. */
  wait({ timeoutMs = null } = {}) {
    const exit = this.#handle.wait(whole32(timeoutMs, "timeoutMs"));
    return exit === null || exit === undefined ? null : new Exit(exit);
  }

  /** Interrupts it, terminates it after the grace, then kills it. */
  stop({ graceMs = null } = {}) {
    return new Exit(this.#handle.stop(whole32(graceMs, "graceMs")));
  }

  /** Sends a signal of the contract, such as "interrupt", to its whole process tree. */
  signal(name) {
    this.#handle.signal(name);
  }

  /** Lets it live on after the call; gives the id for `attach`. */
  detach() {
    return this.#handle.detach();
  }
}

function time(timeoutMs) {
  return whole32(timeoutMs, "timeoutMs") ?? TIMEOUT_MS;
}

/** How far an output was read, and what of it is no whole line yet. */
class Reading {
  cursor = 0;
  /** Pieces of bytes. */
  #rest = [];
  #lines = [];
  #ended = false;

  takeLine() {
    if (this.#lines.length > 0) return this.#lines.shift();
    if (!this.#ended) return undefined;
    return this.#rest.length === 0 ? null : this.#takeRest();
  }

  #takeRest() {
    return decode(joined(this.#rest.splice(0)));
  }

  add({ bytes, next, dropped, eof }) {
    if (Number(dropped) > 0) {
      throw new Failure(`${dropped} bytes were dropped before they were read: raise \`capture\``);
    }
    this.cursor = next;
    this.#ended = eof;
    let from = 0;
    for (let end; (end = bytes.indexOf(NEWLINE, from)) >= 0; from = end + 1) {
      this.#rest.push(bytes.subarray(from, end));
      this.#lines.push(this.#takeRest());
    }
    if (from < bytes.length) this.#rest.push(bytes.subarray(from));
  }
}
