import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ABSENT, PROVIDED } from "../build/globals.js";

test("the page on languages lists every global that is provided or refused", () => {
  const page = readFileSync(new URL("../../../docs/languages.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const missing = (names, said) =>
    Object.keys(names).filter((name) => !rows.some((row) => row.includes("`" + name) && said.test(row)));
  assert.deepEqual(missing(ABSENT, /an error of the build/), []);
  assert.deepEqual(missing(PROVIDED, /work|host|lines of the log|from the package/), []);
});
