// A capsule that counts a repository's commits by author.

#include "boll.h"

typedef struct { boll_text name, email; size_t commits; } author;

// The busiest first, then by name and address.
static int by_commits(const void *left, const void *right) {
    const author *a = left, *b = right;
    if (a->commits != b->commits) return a->commits < b->commits ? 1 : -1;
    int names = strcmp(a->name.ptr, b->name.ptr);
    return names ? names : strcmp(a->email.ptr, b->email.ptr);
}

static size_t count_commit(author *authors, size_t count, boll_text name, boll_text email) {
    author *one = authors, *end = authors + count;
    while (one < end && (strcmp(one->name.ptr, name.ptr) || strcmp(one->email.ptr, email.ptr))) one++;
    if (one == end) *one = (author){name, email, 0};
    one->commits++;
    return one == end ? count + 1 : count;
}

// Asks git for the newest commits: date, name and address of each end with NUL, which none can contain.
static bool newest_commits(boll_call *call, unsigned long long at_most, boll_text *fields) {
    const char *max = boll_format(call, "--max-count=%llu", at_most).ptr, *form = "--format=%aI%x00%aN%x00%aE";
    const char *args[] = {"git", "log", "-z", max, form, NULL};
    boll_log(INFO, "running git", boll_text_field("arguments", boll_join(call, args + 1, " ").ptr));
    boll_output git;
    if (!boll_run(call, &(boll_command){.args = args, .capture = 16 << 20}, &git)) return false;
    boll_log(INFO, "git ended", boll_text_field("status", git.exit.text));

    *fields = (boll_text){"", 0};
    if (strstr(git.err.ptr, "does not have any commits yet")) return true;
    boll_text complaint = boll_trim(git.err);
    if (git.exit.code) return boll_fail(call, "git: %s: %.*s", git.exit.text, (int)complaint.len, complaint.ptr);
    if (git.out_dropped) return boll_fail(call, "the commits take too much space: lower `limit`");
    *fields = git.out;
    return true;
}

// Reports who made how many of the newest commits.
static bool report(boll_call *call) {
    boll_text limit_text, label, left, date, name, email, first = {0}, last = {0};
    if (!boll_config(call, "limit", &limit_text) || !boll_config(call, "label", &label)) return false;
    long long limit = strtoll(limit_text.ptr, NULL, 10);
    if (limit < 0 || limit > UINT32_MAX) return boll_fail(call, "the configuration key `limit` is not a number of commits");
    if (!newest_commits(call, limit + 1, &left)) return false; // One more shows whether there are more.
    author *authors = boll_alloc(call, (left.len / 3 + 1) * sizeof *authors);
    long long commits = 0, count = 0;
    while (commits < limit && boll_split(call, &left, 0, &date) && boll_split(call, &left, 0, &name) &&
           boll_split(call, &left, 0, &email)) {
        if (!commits++) last = date;
        first = date;
        count = count_commit(authors, count, name, email);
    }
    bool truncated = left.len > 0;
    qsort(authors, count, sizeof *authors, by_commits);
    boll_log(INFO, "read the commits", boll_integer("commits", commits), boll_boolean("truncated", truncated));

    boll_buffer json = {.call = call};
    boll_puts(&json, "{\"repository\":");
    boll_put_json(&json, label.ptr ? label : (boll_text){"/workspace", 10});
    boll_putf(&json, ",\"commits\":%lld,\"authors\":[", commits);
    for (author *one = authors; one < authors + count; one++) {
        boll_puts(&json, one == authors ? "{\"name\":" : ",{\"name\":");
        boll_put_json(&json, one->name);
        boll_puts(&json, ",\"email\":");
        boll_put_json(&json, one->email);
        boll_putf(&json, ",\"commits\":%zu}", one->commits);
    }
    boll_puts(&json, "],\"first\":");
    boll_put_json(&json, first);
    boll_puts(&json, ",\"last\":");
    boll_put_json(&json, last);
    boll_putf(&json, ",\"truncated\":%s}", truncated ? "true" : "false");
    return boll_reply(call, boll_buffer_text(&json));
}

BOLL_CAPSULE({"report", report})
