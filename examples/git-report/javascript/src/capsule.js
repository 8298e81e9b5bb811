// A capsule that counts a repository's commits by author.

import { capsule, Failure } from "boll-sdk";
import * as config from "boll-sdk/config";
import * as log from "boll-sdk/log";
import { run } from "boll-sdk/process";

export const handler = capsule({
  /** Reports who made how many of the newest commits. */
  report() {
    const limit = config.value("limit");
    if (!(limit >= 0 && limit < 2 ** 32)) {
      throw new Failure("the configuration key `limit` is not a number of commits");
    }

    // One more than the limit shows whether there are more.
    const found = newestCommits(limit + 1);
    const truncated = found.length > limit;
    const commits = found.slice(0, limit);
    log.info("read the commits", { commits: commits.length, truncated });

    return {
      repository: config.get("label") ?? "/workspace",
      commits: commits.length,
      authors: countAuthors(commits),
      first: commits.at(-1)?.date ?? null,
      last: commits.at(0)?.date ?? null,
      truncated,
    };
  },
});

/** The newest commits, the newest first; none in a repository that is still empty. */
function newestCommits(atMost) {
  const args = ["log", "-z"];
  args.push(`--max-count=${atMost}`, "--format=%aI%x00%aN%x00%aE");
  log.info("running git", { arguments: args.join(" ") });
  const git = run("git", args, { capture: 16 << 20 });
  log.info("git ended", { status: git.status });

  if (git.stderr.includes("does not have any commits yet")) return [];
  if (!git.status.success) throw new Failure(`git: ${git.status}: ${git.stderr.trimEnd()}`);
  if (git.stdoutDropped > 0) {
    throw new Failure("the commits take too much space: lower `limit`");
  }
  // Each field ends with NUL, which none can contain.
  const fields = git.stdout.split("\0");
  const commits = [];
  for (let at = 0; at + 3 < fields.length; at += 3) {
    const [date, name, email] = fields.slice(at, at + 3);
    commits.push({ date, name, email });
  }
  return commits;
}

/** The authors, the busiest first, then by name and address. */
function countAuthors(commits) {
  const authors = new Map();
  for (const { name, email } of commits) {
    const key = `${name}\0${email}`;
    const author = authors.get(key) ?? { name, email, commits: 0 };
    author.commits += 1;
    authors.set(key, author);
  }
  return [...authors.values()].sort(
    (a, b) => b.commits - a.commits || compare(a.name, b.name) || compare(a.email, b.email),
  );
}

/** By code points: `<` goes by UTF-16 units, which sorts emoji before some letters. */
function compare(a, b) {
  const [left, right] = [a, b].map((text) => Array.from(text, (one) => one.codePointAt(0)));
  const at = left.findIndex((point, index) => point !== right[index]);
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? -1);
}
