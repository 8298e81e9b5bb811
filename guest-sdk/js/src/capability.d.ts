export interface Grant {
  /** The name that `check` takes, such as `process:git`. */
  name: string;
  /** What it is limited to, such as `git log **`. */
  scope: string;
}

/** Everything that this capsule holds. */
export function held(): Grant[];
/** Whether the capsule with this uuid holds a capability. */
export function check(uuid: string, name: string): boolean;
