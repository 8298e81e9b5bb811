// What an action answers when something went wrong.

/** The action did not succeed, for the reason that is the message. To be thrown. */
export class Failure extends Error {
  /** `kind` is one of the contract: "failed", "invalid-payload", "unknown-action". */
  constructor(message, kind = "failed") {
    super(message);
    this.name = "Failure";
    this.kind = kind;
  }
}

/** The failure that anything thrown stands for. */
export function failure(error) {
  if (error instanceof Failure) return error;
  if (error?.payload !== undefined) return new Failure(describe(error.payload));
  return new Failure(String(error));
}

/** What one of the host's errors says. */
function describe(payload) {
  if (typeof payload !== "object" || payload === null) return String(payload);
  const { tag, val } = payload;
  if (val === undefined || val === null) return tag;
  if (tag === "denied" && val.capability !== undefined) {
    return `the capability \`${val.capability}\` is missing: ${val.reason}`;
  }
  return `${tag}: ${typeof val === "object" ? JSON.stringify(val) : val}`;
}
