export interface Options {
  /** How long one subscriber may take. */
  timeoutMs?: number;
}

/** What one subscriber answered. */
export class Answer {
  readonly capsule: string;
  readonly action: string;
  /** The contract's, such as `{ tag: "continue", val }`. */
  readonly outcome: { tag: string; val?: unknown };
  /** The contract's word for it. */
  readonly kind:
    | "continue"
    | "final"
    | "deny"
    | "failed"
    | "crashed"
    | "timed-out"
    | "cancelled"
    | "busy"
    | "recursion";
  /** The bytes that it gave; null where there are none. */
  readonly payload: Uint8Array | null;
  /** Why it gave none; null otherwise. */
  readonly reason: string | null;
  /** The JSON value that it gave; null where there is none. */
  json(): any;
}

/** Tells all subscribers at once; gives every answer. */
export function trigger(topic: string, value: unknown, options?: Options): Answer[];
/** How an ordered chain ended. */
export class Verdict {
  /** Everybody went on; a subscriber ended the chain, denied, or did not answer properly. */
  readonly kind: "passed" | "final" | "denied" | "stopped";
  /** The capsule that ended the chain; null when everybody went on. */
  readonly capsule: string | null;
  /** The bytes that the chain left, of "passed" and "final"; null otherwise. */
  readonly payload: Uint8Array | null;
  /** Why it was denied; null otherwise. */
  readonly reason: string | null;
  /** What the subscriber answered, of "stopped"; null otherwise. */
  readonly answer: Answer | null;
  /** The JSON value that the chain left. Fails where a subscriber denied or did not answer properly. */
  json(): any;
}

/** Passes the value through all subscribers, one after the other; gives how the chain ended. */
export function verdict(topic: string, value: unknown, options?: Options): Verdict;
/** The same; gives what they left, as JSON. Fails when one denied. */
export function intercept(topic: string, value: unknown, options?: Options): any;
