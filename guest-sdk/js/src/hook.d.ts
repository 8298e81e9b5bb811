export interface Options {
  /** How long one subscriber may take. */
  timeoutMs?: number;
}

export interface Answer {
  capsule: string;
  action: string;
  /** One of the contract's, such as `{ tag: "continue", val }`. */
  outcome: { tag: string; val?: unknown };
}

/** Tells all subscribers at once; gives every answer. */
export function trigger(topic: string, value: unknown, options?: Options): Answer[];
/** Passes the value through all subscribers; gives what they left, as JSON. Fails when one denied. */
export function intercept(topic: string, value: unknown, options?: Options): any;
