// What an action answers when something went wrong.

/** The action did not succeed, for this reason. To be thrown. */
export function failed(reason) {
  return { tag: "failed", val: reason };
}

/** The action is not one of this capsule's. To be thrown. */
export function unknownAction(name) {
  return { tag: "unknown-action", val: name };
}

/** Calls a function of the host; an error of it becomes a failure. */
export function orFail(call) {
  try {
    return call();
  } catch (error) {
    if (error.payload === undefined) throw error;
    throw failed(describe(error.payload));
  }
}

function describe({ tag, val }) {
  if (tag === "denied") return `the capability \`${val.capability}\` is missing: ${val.reason}`;
  return val === undefined ? tag : `${tag}: ${typeof val === "object" ? JSON.stringify(val) : val}`;
}
