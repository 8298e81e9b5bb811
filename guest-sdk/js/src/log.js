// Writes log lines.

import log from "boll:log/log@0.2.0";
import { shown } from "./shown.js";

export const trace = (message, fields) => emit("trace", message, fields);
export const debug = (message, fields) => emit("debug", message, fields);
export const info = (message, fields) => emit("info", message, fields);
export const warn = (message, fields) => emit("warn", message, fields);
export const error = (message, fields) => emit("error", message, fields);

/** Whether a line of this level would be written. */
export const enabled = (level) => log.enabled(level);

function emit(level, message, fields = {}) {
  const list = Object.entries(fields).map(([key, value]) => ({
    key: key.toWellFormed(),
    value: field(value),
  }));
  log.emit(level, shown(message), list);
}

function field(value) {
  if (typeof value === "boolean") return { tag: "boolean", val: value };
  if (Number.isSafeInteger(value)) return { tag: "integer", val: value };
  if (typeof value === "number") return { tag: "number", val: value };
  return { tag: "text", val: shown(value) };
}

/** Lines as `console` writes them: texts as they are, other values as JSON. */
const line = (write) => (...values) => write(values.map(shown).join(" "));

globalThis.console ??= Object.freeze({
  debug: line(debug),
  error: line(error),
  info: line(info),
  log: line(info),
  trace: line(trace),
  warn: line(warn),
});
