// The errors of the host's functions, with the words of the contract.

/** A function of the host did not do what it was asked. */
export class HostError extends Error {
  constructor(payload) {
    super(describe(payload).toWellFormed());
    this.name = "HostError";
    /** The contract's word, such as "denied". */
    this.kind = payload?.tag ?? null;
    /** The capability that is missing, of "denied". */
    this.capability = payload?.val?.capability ?? null;
    this.payload = payload;
  }
}

/** An interface of the host or one of its resources, whose functions throw such errors. */
export function asking(host) {
  // Not around the host's object itself, which is frozen: a function would have to stay the same.
  return new Proxy({}, {
    get: (_, name) => (...given) => {
      try {
        return host[name](...given);
      } catch (error) {
        throw error?.payload === undefined ? error : new HostError(error.payload);
      }
    },
  });
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
