// Asks git for the newest commits.

import process from "boll:process/process@0.2.0";
import { failed, orFail } from "./failure.js";
import { info } from "./log.js";
import { decode } from "./utf8.js";

const keep = { tag: "ring", val: 16 << 20 };

/** The newest commits, the newest first; none in a repository that is still empty. */
export function newestCommits(atMost) {
  const args = [
    ...["-c", "safe.directory=/workspace", "log", "-z"],
    `--max-count=${atMost}`,
    "--format=%aI%x00%aN%x00%aE",
  ];
  info("running git", { arguments: args.join(" ") });
  const output = run("git", args);
  const status = describe(output.exit);
  info("git ended", { status });

  const complaint = decode(output.stderr.bytes);
  if (complaint.includes("does not have any commits yet")) return [];
  if (status !== "exit status: 0") throw failed(`git: ${status}: ${complaint.trimEnd()}`);
  if (output.stdout.dropped > 0) throw failed("the commits take too much space: lower `limit`");
  return parse(decode(output.stdout.bytes));
}

function run(program, args) {
  const limits = { memory: null, cpuSeconds: null, pids: null, openFiles: null, fileSize: null };
  const files = { stdin: { tag: "null" }, stdout: keep, stderr: keep };
  const rest = { cwd: null, env: [], limits, deadlineMs: null, label: null };
  return orFail(() => process.run({ program, args, ...files, ...rest }));
}

function describe({ status, cause }) {
  const why = cause.tag === "own" ? "" : ` (${cause.val ?? cause.tag})`;
  if (status.tag === "code") return `exit status: ${status.val}${why}`;
  if (status.tag === "signal") return `signal: ${status.val}${why}`;
  throw failed(`the program did not start: ${status.val.step}: ${status.val.message}`);
}

/** Reads the fields of the commits. Each ends with NUL, which none can contain. */
function parse(text) {
  const fields = text.split("\0");
  const commits = [];
  for (let at = 0; at + 3 < fields.length; at += 3) {
    const [date, name, email] = fields.slice(at, at + 3);
    commits.push({ date, name, email });
  }
  return commits;
}
