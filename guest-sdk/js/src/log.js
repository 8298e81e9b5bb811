// Writes log lines.

import log from "boll:log/log@0.2.0";

export const trace = (message, fields) => emit("trace", message, fields);
export const debug = (message, fields) => emit("debug", message, fields);
export const info = (message, fields) => emit("info", message, fields);
export const warn = (message, fields) => emit("warn", message, fields);
export const error = (message, fields) => emit("error", message, fields);

/** Whether a line of this level would be written. */
export const enabled = (level) => log.enabled(level);

function emit(level, message, fields = {}) {
  const list = Object.entries(fields).map(([key, value]) => ({ key, value: field(value) }));
  log.emit(level, String(message), list);
}

function field(value) {
  if (typeof value === "boolean") return { tag: "boolean", val: value };
  if (Number.isSafeInteger(value)) return { tag: "integer", val: value };
  if (typeof value === "number") return { tag: "number", val: value };
  return { tag: "text", val: String(value) };
}
