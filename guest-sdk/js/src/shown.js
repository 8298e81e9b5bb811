// Any value as text for people: unlike JSON for programs, it shows what has no form in JSON, too.

/** How many elements of an array of bytes and the like are shown. */
const MOST = 100;

/** Text as it is; what has a text of its own, as that; other values in the manner of JSON. Never fails. */
export function shown(value) {
  try {
    if (typeof value !== "object" || value === null || hasText(value)) return String(value).toWellFormed();
    return inTheMannerOfJson(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Whether its class says what text it is, and not what JSON. */
function hasText(value) {
  const { toString, toJSON } = value;
  const isOwn = typeof toString === "function" && toString !== Object.prototype.toString;
  return isOwn && typeof toJSON !== "function" && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function inTheMannerOfJson(value) {
  const above = [];
  const text = JSON.stringify(value, function (key, made) {
    // What this value is in are the objects up to its own holder.
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    const said = replaced(this[key], made);
    if (typeof said !== "object" || said === null) return said;
    if (above.includes(said)) return "[circular]";
    above.push(said);
    return said;
  });
  return text ?? typeof value;
}

/** What is shown in place of a value; `made` is what its `toJSON` made of it. */
function replaced(value, made) {
  if (typeof value === "function") return `[function ${value.name}]`;
  if (["undefined", "symbol", "bigint"].includes(typeof value)) return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return made;
  if (value instanceof Map) return { Map: [...value] };
  if (value instanceof Set) return { Set: [...value] };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value.subarray(0, MOST));
  if (typeof value.then === "function") return "[promise]";
  return hasText(value) ? String(value) : made;
}
