"""A capsule that counts a repository's commits by author."""

from collections import Counter
from typing import NamedTuple

from boll import Capsule, Failure, action, config, log, process


class Commit(NamedTuple):
    date: str
    name: str
    email: str


class Handler(Capsule):
    @action
    def report(self, event):
        """Reports who made how many of the newest commits."""
        limit = config.value("limit")
        if not 0 <= limit < 2**32:
            raise Failure("the configuration key `limit` is not a number of commits")

        # One more than the limit shows whether there are more.
        found = newest_commits(limit + 1)
        truncated = len(found) > limit
        commits = found[:limit]
        log.info("read the commits", commits=len(commits), truncated=truncated)

        return {
            "repository": config.get("label", "/workspace"),
            "commits": len(commits),
            "authors": count_authors(commits),
            "first": commits[-1].date if commits else None,
            "last": commits[0].date if commits else None,
            "truncated": truncated,
        }


def newest_commits(at_most):
    """The newest commits, the newest first; none in a repository that is still empty."""
    args = ["log", "-z"]
    args += [f"--max-count={at_most}", "--format=%aI%x00%aN%x00%aE"]
    log.info("running git", arguments=" ".join(args))
    git = process.run(["git", *args], capture=16 << 20)
    log.info("git ended", status=git.status)

    if "does not have any commits yet" in git.stderr:
        return []
    git.check_returncode()
    if git.stdout_dropped > 0:
        raise Failure("the commits take too much space: lower `limit`")
    # Each field ends with NUL, which none can contain.
    fields = iter(git.stdout.split("\0")[:-1])
    return [Commit(*fields) for fields in zip(fields, fields, fields)]


def count_authors(commits):
    """The authors, the busiest first, then by name and address."""
    counts = Counter((commit.name, commit.email) for commit in commits)
    return [
        {"name": name, "email": email, "commits": count}
        for (name, email), count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
