// Globals that Node.js or browsers have and the engine does not: those that the library provides, and the others, whose
// use is an error of the build.

import { readFileSync } from "node:fs";
import path from "node:path";

const LOOK = "see docs/languages.md of Boll";
const NETWORK = "capsules in JavaScript have no network: run a program that has, such as curl";

/** Why each is not there. */
export const ABSENT = {
  fetch: NETWORK,
  XMLHttpRequest: NETWORK,
  WebSocket: NETWORK,
  EventSource: NETWORK,
  process: "capsules run without Node.js: read the configuration with `boll-sdk/config`, run programs with `boll-sdk/process`",
  Buffer: "capsules run without Node.js: use Uint8Array and TextEncoder, or the package `buffer`",
  __dirname: "a component has no files",
  __filename: "a component has no files",
  window: "capsules run outside of browsers: use globalThis",
  document: "capsules run outside of browsers",
  navigator: "capsules run outside of browsers",
  localStorage: "capsules run outside of browsers",
  Worker: "capsules have no threads",
  SharedWorker: "capsules have no threads",
  MessageChannel: "capsules have no threads",
  Atomics: "capsules have no threads",
  WebAssembly: "the engine runs no WebAssembly",
  Intl: "the engine has no locales",
  AbortController: LOOK,
  EventTarget: LOOK,
  ReadableStream: LOOK,
  Blob: LOOK,
};

/** The file of `src/provided` that brings each. */
export const PROVIDED = {
  URL: "url",
  URLSearchParams: "url",
  structuredClone: "structured-clone",
  console: "console",
  crypto: "random",
  "Math.random": "random",
  setTimeout: "timers",
  setInterval: "timers",
  setImmediate: "timers",
  clearTimeout: "timers",
  clearInterval: "timers",
  clearImmediate: "timers",
};

const MARK = "boll_global_";
const MARKED = /(\btypeof\s+)?\bboll_global_(\w+)/g;

const mark = (name) => [name, MARK + name.replace(".", "_")];

/** What esbuild writes in place of each where it is the global. */
export function marks() {
  const names = Object.keys({ ...ABSENT, ...PROVIDED });
  const ofGlobalThis = names.map((name) => [`globalThis.${name}`, mark(name)[1]]);
  return Object.fromEntries([...names.map(mark), ...ofGlobalThis]);
}

/** The uses in code with marks: a mark's name, the place, and whether it only asks with `typeof`. */
function* uses(code, map, library) {
  for (const [line, text] of code.split("\n").entries()) {
    for (const { 1: asks, 2: name, index } of text.matchAll(MARKED)) {
      const { originalSource: file, originalLine, originalColumn: column } = map.findEntry(line, index);
      if (file === undefined || path.resolve(file).startsWith(library)) continue;
      yield { name, file, line: originalLine + 1, column, asks: asks !== undefined };
    }
  }
}

/**
 * The files of `src/provided` for code with marks; what is used and not there, as esbuild's messages. In the project that
 * is an error, and in a package a warning, as packages often have a way without. A file that asks with `typeof` has one.
 */
export function globals(code, map, library) {
  const found = { errors: [], warnings: [], provided: new Set() };
  const all = [...uses(code, map, library)];
  const seen = new Set(all.filter(({ asks }) => asks).map(({ name, file }) => `${name} ${file}`));
  for (const { name, file, line, column } of all) {
    const provided = PROVIDED[name.replace("_", ".")] ?? PROVIDED[name];
    if (provided !== undefined) found.provided.add(provided);
    const key = `${name} ${file}`;
    if (provided !== undefined || seen.has(key)) continue;
    seen.add(key);
    const text = `\`${name}\` is not there: ${ABSENT[name]}`;
    if (file.split("/").includes("node_modules")) {
      // The source that a package's source map names need not be there.
      found.warnings.push({ text: `${file}:${line}: ${text}` });
    } else {
      const location = { file, line, column, length: name.length, lineText: lineOf(file, line) };
      found.errors.push({ text, location });
    }
  }
  return found;
}

function lineOf(file, line) {
  return readFileSync(file, "utf8").split("\n")[line - 1] ?? "";
}
