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
/** Passes the value through all subscribers; gives what they left, as JSON. Fails when one denied. */
export function intercept(topic: string, value: unknown, options?: Options): any;
