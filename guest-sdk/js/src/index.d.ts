/**
 * What an action may return: a reply, bytes, or anything that JSON has a form for, or a promise of one of these. A
 * Map, a function, NaN and the like are answered as a failure that names them.
 */
export type Answer = Reply | Uint8Array | unknown;

/** The export of a capsule whose actions are these functions, by their names. */
export function capsule(actions: Record<string, (event: Event) => Answer>): {
  handle(action: string, event: { topic?: string | null; payload: Uint8Array }): {
    tag: string;
    val?: unknown;
  };
};

/** What an action is called with. */
export class Event {
  /** The topic that was published to; null when the action was called by name. */
  readonly topic: string | null;
  readonly payload: Uint8Array;
  /** The payload as text. What is no UTF-8 is answered as an invalid payload. */
  text(): string;
  /** The payload's JSON value. What is none is answered as an invalid payload. */
  json(): any;
}

/** The action did not succeed. To be thrown. */
export class Failure extends Error {
  constructor(message: string, kind?: "failed" | "invalid-payload" | "unknown-action");
  readonly kind: "failed" | "invalid-payload" | "unknown-action";
}

/** A function of the host did not do what it was asked. Where it is not caught, the action fails with its message. */
export class HostError extends Error {
  /** The contract's word for it, such as "denied". */
  readonly kind: string;
  /** The capability that is missing, of "denied"; null otherwise. */
  readonly capability: string | null;
}

export class Reply {
  readonly tag: "continue" | "final" | "deny";
  readonly val: Uint8Array | string | null;
}

/** Not allowed, for this reason. */
export function deny(reason: string): Reply;
/** Done: no handler after this one is asked. */
export function final(value: unknown): Reply;
/** Go on with this value in place of the payload; with the payload itself if there is none. */
export function proceed(value?: unknown): Reply;

/** The export `run`, the run loop of a service: it has ended when the function has, or its promise. */
export function service(work: () => void | Promise<void>): { run(): void };
/** The export `install`, called when the capsule is loaded for the first time. */
export function onInstall(work: () => void | Promise<void>): { install(): void };
/** The export `upgrade`, called with the version before when the capsule's version has risen. */
export function onUpgrade(work: (previous: string) => void | Promise<void>): { upgrade(previous: string): void };
