// A capsule that counts a repository's commits by author.

import config from "boll:config/config@0.2.0";
import { failed, orFail, unknownAction } from "./failure.js";
import { newestCommits } from "./git.js";
import { info } from "./log.js";
import { encode } from "./utf8.js";

/** The export `boll:hook/handler`. */
export const handler = {
  handle(action, _event) {
    if (action !== "report") throw unknownAction(action);
    return { tag: "continue", val: encode(JSON.stringify(report())) };
  },
};

/** Reports who made how many of the newest commits. */
function report() {
  const limit = Number(setting("limit") ?? NaN);
  if (!Number.isInteger(limit) || limit < 0 || limit >= 2 ** 32) {
    throw failed("the configuration key `limit` is not a number of commits");
  }
  const label = setting("label");

  // One more than the limit shows whether there are more.
  const found = newestCommits(limit + 1);
  const truncated = found.length > limit;
  const commits = found.slice(0, limit);
  info("read the commits", { commits: commits.length, truncated });

  return {
    repository: label ?? "/workspace",
    commits: commits.length,
    authors: countAuthors(commits),
    first: commits.at(-1)?.date ?? null,
    last: commits.at(0)?.date ?? null,
    truncated,
  };
}

function setting(key) {
  return orFail(() => config.get(key));
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
  const order = (a, b) =>
    b.commits - a.commits || compare(a.name, b.name) || compare(a.email, b.email);
  return [...authors.values()].sort(order);
}

/** By code points: `<` goes by UTF-16 units, which sorts emoji before some letters. */
function compare(a, b) {
  const [left, right] = [encode(a), encode(b)];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}
