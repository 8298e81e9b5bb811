/** The call that is answered. */
export interface Caller {
  /** On whose behalf, if the host says. */
  principal: string | null;
  /** The uuid of the capsule that published; null when the host called. */
  capsule: string | null;
  /** What cancels it, if it has an id. */
  callId: string | null;
  /** When it began, and when it has to end, in milliseconds since 1970. */
  startedAtMs: number;
  deadlineMs: number | null;
  /** The capsules that wait for this call, the first caller first. */
  chain: string[];
}

/** The call that is answered now; null outside of one. */
export function caller(): Caller | null;
/** This capsule's uuid: new each time that it is loaded. */
export function selfUuid(): string;
/** Says that this capsule is ready for calls. */
export function ready(): void;
