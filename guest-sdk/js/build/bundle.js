// Makes one file of a capsule's modules, for an engine that is neither Node.js nor a browser.

import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./error.js";
import { globals, marks } from "./globals.js";
import { modules } from "./modules.js";

/** From here the source map names the sources. Nothing is written there. */
const OUT = "dist";

/** What of the language the engine has, but runs only while the build loads the modules. */
const LOWERED = { "async-await": false, "async-generator": false, "for-await": false };

const TOP_LEVEL = "a top-level `await` is not supported, as modules are loaded at the build: wait in an action";

/** A file of this library. */
const own = (name) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

/** The code, with what finds the sources' lines, and its source map. */
export async function bundle(esbuild, entry) {
  // First with marks where globals are used, then with those of them that can be provided.
  const author = `export * from ${JSON.stringify(`./${path.relative(".", entry)}`)};`;
  const first = await bundled(esbuild, author, marks());
  const { errors, warnings: absent, provided } = globals(first.code, first.map, own("."));
  if (errors.length > 0) throw new BuildError(await shown(esbuild, errors, "error"));
  const load = (name) => `import ${JSON.stringify(own(`provided/${name}.js`))};`;
  const whole = [...["begin", ...provided].map(load), author, load("end")].join("\n");
  const { code, map, warnings } = await bundled(esbuild, whole, {});
  process.stderr.write(await shown(esbuild, [...warnings, ...absent], "warning"));
  return { code: code + positions(map.payload), map };
}

async function bundled(esbuild, contents, define) {
  let result;
  try {
    result = await esbuild.build({
      stdin: { contents, resolveDir: process.cwd(), sourcefile: "the capsule" },
      outfile: `${OUT}/capsule.js`,
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2023",
      supported: LOWERED,
      charset: "utf8",
      sourcemap: "external",
      sourcesContent: false,
      define: { "process.env.NODE_ENV": '"production"', ...define },
      plugins: [modules],
      logLevel: "silent",
    });
  } catch (error) {
    if (error.errors === undefined) throw error;
    throw new BuildError(await shown(esbuild, error.errors, "error"));
  }
  const text = (end) => result.outputFiles.find((file) => file.path.endsWith(end)).text;
  const raw = JSON.parse(text(".map"));
  // From the project's folder, not from the output's.
  raw.sources = raw.sources.map((file) => path.join(OUT, file));
  return { code: text(".js"), map: new SourceMap(raw), warnings: result.warnings };
}

/** The end of the file, with which the library finds the sources' lines. */
function positions({ sources, mappings }) {
  const table = JSON.stringify({ library: path.relative(".", own(".")), sources, mappings });
  return `globalThis[Symbol.for("boll.positions")] = ${table};\n`;
}

async function shown(esbuild, messages, kind) {
  for (const message of messages) reworded(message);
  const color = process.env.FORCE_COLOR !== undefined && process.env.NO_COLOR === undefined;
  return (await esbuild.formatMessages(messages, { kind, color })).join("");
}

/** Says what to do here, where esbuild names options of its own. */
function reworded(message) {
  if (message.text.startsWith("Top-level await")) message.text = TOP_LEVEL;
  const missing = /^Could not resolve "([^".][^"]*)"/.exec(message.text)?.[1];
  if (missing !== undefined) message.notes = [{ text: `A package is added to the project with \`npm install ${missing}\`.` }];
}
