// What modules import: packages of the project, interfaces of the host, and nothing of Node.js.

import { builtinModules } from "node:module";

/** An interface of the contract, as WIT names it. */
const INTERFACE = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\/[a-z]/;
const BUILTIN = new Set(builtinModules);
/** Said of an import that is resolved again, by esbuild's own way. */
const AGAIN = Symbol("again");
const OWN = "core-js/";

/** A plugin of esbuild. */
export const modules = {
  name: "boll",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === AGAIN) return undefined;
      if (/^(node|bun|deno):/.test(path)) return { errors: [{ text: builtin(path) }] };
      if (INTERFACE.test(path)) return { path, external: true };
      // What this library itself takes from packages is the project's.
      const from = path.startsWith(OWN) ? process.cwd() : resolveDir;
      if (!BUILTIN.has(path) && from === resolveDir) return undefined;
      // A package may have the name of a module of Node.js, such as `buffer` or `events`.
      const found = await build.resolve(path, { kind, importer, resolveDir: from, pluginData: AGAIN });
      if (found.errors.length === 0) return found;
      if (BUILTIN.has(path)) return { errors: [{ text: builtin(path) }] };
      // Left out unless it is used, and then said to be missing.
      return { path, external: true, sideEffects: false };
    });
  },
};

function builtin(path) {
  return `"${path}" is a part of Node.js, and capsules run without it: use another package, or the functions of boll-sdk`;
}
