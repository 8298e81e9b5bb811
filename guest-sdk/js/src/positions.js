// Finds where in the sources a place of the built file comes from, by the source map that the build adds to it.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PLACE = /\(?([^\s()]+):(\d+):(\d+)\)?$/;

let lines;

/**
 * A line of a stack with the source's place, or null for one of this library and of what the build adds. Where there is
 * no source map, the line as it is.
 */
export function ofSource(frame) {
  const table = globalThis[Symbol.for("boll.positions")];
  if (table === undefined) return frame;
  const [place, , line, column] = PLACE.exec(frame) ?? [];
  if (place === undefined) return null;
  lines ??= decoded(table.mappings);
  const segments = lines[line - 1] ?? [];
  const segment = segments.findLast(([start]) => start < column);
  if (segment?.[1] === undefined) return null;
  const [, source, original, start] = segment;
  const file = table.sources[source];
  if (file.startsWith(table.library)) return null;
  return frame.replace(place, `(${file}:${original + 1}:${start + 1})`);
}

/** The segments of each line of the built file: its column, and the source, line and column there, all from 0. */
function decoded(mappings) {
  const at = [0, 0, 0, 0];
  return mappings.split(";").map((line) => {
    at[0] = 0;
    return line === "" ? [] : line.split(",").map((segment) => {
      const fields = numbers(segment);
      fields.forEach((by, field) => field < 4 && (at[field] += by));
      return fields.length < 4 ? [at[0]] : [...at];
    });
  });
}

/** The numbers of a segment, each of digits of five bits, the lowest first; the lowest bit is the sign. */
function numbers(segment) {
  const found = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    found.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return found;
}
