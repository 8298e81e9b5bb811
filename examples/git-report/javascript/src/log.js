// Writes log lines.

import log from "boll:log/log@0.2.0";

/** Writes a line of level info with these fields. */
export function info(message, fields) {
  const list = Object.entries(fields).map(([key, value]) => ({ key, value: field(value) }));
  log.emit("info", message, list);
}

function field(value) {
  if (typeof value === "number") return { tag: "integer", val: value };
  if (typeof value === "boolean") return { tag: "boolean", val: value };
  return { tag: "text", val: value };
}
