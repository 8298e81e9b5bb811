// Builds a capsule in JavaScript or TypeScript: `node sdk/build/main.js src/capsule.js`, in the project's folder.
// esbuild makes one file of the modules, and componentize-qjs a component of that file.

import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.js";
import { BuildError } from "./error.js";
import { explained } from "./explained.js";

const USAGE = "usage: node sdk/build/main.js SOURCE [--world NAME] [--wit DIR] [--out FILE]";

const OPTIONS = {
  world: { type: "string" },
  wit: { type: "string", default: "wit" },
  out: { type: "string", default: "dist/capsule.wasm" },
};

/** A package of the project's own, in the version that its lock file has. */
async function installed(name) {
  const require = createRequire(path.resolve("package.json"));
  try {
    return await import(pathToFileURL(require.resolve(name)));
  } catch (error) {
    const how = `add it with \`npm install --save-dev ${name}\``;
    throw new BuildError(`the package ${name} is missing (${error.code ?? error.message}): ${how}`);
  }
}

async function build() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (positionals.length !== 1) throw new BuildError(USAGE);
  const esbuild = await installed("esbuild");
  const { componentize } = await installed("componentize-qjs");

  const script = values.out.replace(/\.wasm$/, "") + ".js";
  const { code, map } = await bundle(esbuild, positionals[0]);
  await mkdir(path.dirname(values.out), { recursive: true });
  await writeFile(script, code);
  let component;
  try {
    ({ component } = await componentize({
      witPath: values.wit,
      world: values.world,
      jsSource: code,
      jsPath: script,
      moduleRoot: path.dirname(script),
      sync: true,
      optSize: true,
    }));
  } catch (error) {
    throw new BuildError(explained(error.message, map, values.world));
  }
  await writeFile(values.out, component);
}

try {
  await build();
} catch (error) {
  const isOwn = error instanceof BuildError || error.code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${isOwn ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
