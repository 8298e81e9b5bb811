// Host programs: run to their end, or driven by lines. Included by boll.h.
#pragma once

// A command. Everything but `args` may be left out.
typedef struct {
    const char *const *args;              // The program and its arguments, then NULL.
    const char *const *env;               // NAME, value, NAME, value, then NULL.
    const char *cwd;                      // Relative to the workspace, or absolute below /workspace.
    const char *label;                    // For logs and listings.
    boll_text input;                      // For boll_run: what it reads.
    uint64_t capture;                     // The newest bytes of each output that are kept; 1 MiB.
    uint64_t deadline_ms;                 // Its tree is ended when it has run so long.
    boll_process_process_limits_t limits; // What is not set is the host's default.
} boll_command;

// How a program ended.
typedef struct {
    int code;         // -1 when it did not exit of its own accord.
    int signal;       // 0 when none ended it.
    const char *text; // Such as `exit status: 0`.
} boll_exit;

// What a program left behind.
typedef struct {
    boll_exit exit;
    boll_text out, err;
    uint64_t out_dropped, err_dropped; // How many older bytes were dropped.
    uint64_t elapsed_ms;
} boll_output;

// Fails unless all that the host takes as names is UTF-8.
static inline bool boll_command_named(boll_call *call, const boll_command *command) {
    for (size_t at = 0; command->args[at]; at++) {
        if (!boll_named(call, command->args[at], at ? "an argument" : "the program")) return false;
    }
    for (size_t at = 0; command->env && command->env[at]; at++) {
        if (!boll_named(call, command->env[at], "a variable")) return false;
    }
    return boll_named(call, command->cwd, "the folder") && boll_named(call, command->label, "the label");
}

static inline boll_process_process_command_t boll_commanded(boll_call *call, const boll_command *command) {
    size_t args = 0, env = 0;
    while (command->args[args]) args++;
    while (command->env && command->env[2 * env]) env++;
    boll_string_t *strings = boll_alloc(call, (args + 1) * sizeof *strings);
    for (size_t at = 0; at < args; at++) strings[at] = boll_string(command->args[at]);
    boll_process_process_variable_t *variables = boll_alloc(call, (env + 1) * sizeof *variables);
    for (size_t at = 0; at < env; at++) {
        variables[at].name = boll_string(command->env[2 * at]);
        variables[at].value = boll_string(command->env[2 * at + 1]);
    }
    boll_process_process_keep_t ring = {.tag = BOLL_PROCESS_PROCESS_KEEP_RING};
    ring.val.ring = command->capture ? command->capture : 1 << 20;
    return (boll_process_process_command_t){
        .program = args ? strings[0] : boll_string(""),
        .args = {strings + 1, args ? args - 1 : 0},
        .cwd = {command->cwd != NULL, boll_string(command->cwd)},
        .env = {variables, env},
        .stdout_ = ring,
        .stderr_ = ring,
        .limits = command->limits,
        .deadline_ms = {command->deadline_ms != 0, command->deadline_ms},
        .label = {command->label != NULL, boll_string(command->label)},
    };
}

static inline bool boll_start_failed(boll_call *call, boll_process_process_error_t *error) {
    static const char *const names[] = {
        "denied",    "invalid",           "not-found",           "not-executable", "bad-cwd",   "too-large",
        "unsupported-limit", "sandbox-unavailable", "too-many", "cancelled", "shutting-down", "host",
    };
    boll_process_process_size_limit_t *size = &error->val.too_large;
    boll_string_t *why = &error->val.invalid;
    const char *name = names[error->tag];
    switch (error->tag) {
    case BOLL_PROCESS_PROCESS_ERROR_DENIED: boll_denied(call, &error->val.denied); break;
    case BOLL_PROCESS_PROCESS_ERROR_TOO_LARGE:
        boll_fail(call, "%s: %.*s: %llu bytes, at most %llu", name, (int)size->what.len, (char *)size->what.ptr,
                  (unsigned long long)size->actual, (unsigned long long)size->limit);
        break;
    case BOLL_PROCESS_PROCESS_ERROR_TOO_MANY: boll_fail(call, "%s: %u", name, (unsigned)error->val.too_many); break;
    case BOLL_PROCESS_PROCESS_ERROR_CANCELLED:
    case BOLL_PROCESS_PROCESS_ERROR_SHUTTING_DOWN: boll_fail(call, "%s", name); break;
    default: boll_fail(call, "%s: %.*s", name, (int)why->len, (char *)why->ptr);
    }
    boll_process_process_error_free(error);
    return false;
}

static inline boll_exit boll_exited(boll_call *call, const boll_process_process_exit_t *exit) {
    static const char *const causes[] = {"own", "requested", "cancelled", "timed-out", "limit", "shutdown"};
    static const char *const limits[] = {"memory", "cpu-seconds", "pids", "file-size"};
    bool limit = exit->cause.tag == BOLL_PROCESS_PROCESS_CAUSE_LIMIT;
    const char *cause = limit ? limits[exit->cause.val.limit] : causes[exit->cause.tag];
    boll_text why = exit->cause.tag ? boll_format(call, " (%s)", cause) : (boll_text){"", 0};
    boll_exit told = {.code = -1};
    if (exit->status.tag == BOLL_PROCESS_PROCESS_EXIT_STATUS_CODE) {
        told.code = exit->status.val.code;
        told.text = boll_format(call, "exit status: %d%s", told.code, why.ptr).ptr;
    } else if (exit->status.tag == BOLL_PROCESS_PROCESS_EXIT_STATUS_SIGNAL) {
        told.signal = exit->status.val.signal;
        told.text = boll_format(call, "signal: %d%s", told.signal, why.ptr).ptr;
    } else {
        static const char *const steps[] = {"sandbox", "cwd", "limits", "filter", "exec"};
        const boll_process_process_launch_failure_t *failure = &exit->status.val.launch_failed;
        told.text = boll_format(call, "it did not start: %s: %.*s", steps[failure->step], (int)failure->message.len,
                                (char *)failure->message.ptr).ptr;
    }
    return told;
}

// Runs a program to its end. It does not have to succeed: see `output->exit`.
static inline bool boll_run(boll_call *call, const boll_command *command, boll_output *output) {
    if (!boll_command_named(call, command)) return false;
    boll_process_process_command_t asked = boll_commanded(call, command);
    if (command->input.ptr) {
        asked.stdin_.tag = BOLL_PROCESS_PROCESS_INPUT_BYTES;
        asked.stdin_.val.bytes = (boll_bytes_t){(uint8_t *)command->input.ptr, command->input.len};
    }
    boll_process_process_output_t given;
    boll_process_process_error_t error;
    if (!boll_process_process_run(&asked, &given, &error)) return boll_start_failed(call, &error);
    *output = (boll_output){
        .exit = boll_exited(call, &given.exit),
        .out = boll_copy(call, given.stdout_.bytes.ptr, given.stdout_.bytes.len),
        .err = boll_copy(call, given.stderr_.bytes.ptr, given.stderr_.bytes.len),
        .out_dropped = given.stdout_.dropped,
        .err_dropped = given.stderr_.dropped,
        .elapsed_ms = given.elapsed_ms,
    };
    boll_free(given.stdout_.bytes.ptr, given.stdout_.bytes.len);
    boll_free(given.stderr_.bytes.ptr, given.stderr_.bytes.len);
    boll_process_process_exit_free(&given.exit);
    return true;
}

// ---- Children ---------------------------------------------------------------------------------

// How long one read or write of a child may wait, in milliseconds.
#ifndef BOLL_CHILD_TIMEOUT_MS
#define BOLL_CHILD_TIMEOUT_MS 30000
#endif

// A program that runs beside the capsule. It ends with the call, unless it is detached.
typedef struct {
    boll_process_children_borrow_child_t handle;
    uint64_t cursor;
    bool ended;
    boll_buffer rest; // What was read and is no whole line yet.
    size_t taken;     // How much of it was given.
} boll_child;

static inline bool boll_child_failed(boll_call *call, boll_process_children_error_t *error) {
    static const char *const names[] = {
        "unknown-child", "wrong-stream", "closed", "too-large", "cancelled", "shutting-down", "host",
    };
    boll_string_t *why = &error->val.host;
    bool host = error->tag == BOLL_PROCESS_CHILDREN_ERROR_HOST;
    boll_fail(call, "%s%s%.*s", names[error->tag], host ? ": " : "", host ? (int)why->len : 0, host ? (char *)why->ptr : "");
    boll_process_children_error_free(error);
    return false;
}

static inline void boll_child_ended(int32_t handle) {
    boll_process_children_child_drop_own((boll_process_children_own_child_t){handle});
}

// Starts a program.
static inline bool boll_spawn(boll_call *call, const boll_command *command, boll_child *child) {
    if (!boll_command_named(call, command)) return false;
    boll_process_process_command_t asked = boll_commanded(call, command);
    asked.stdin_.tag = BOLL_PROCESS_PROCESS_INPUT_PIPE;
    boll_process_children_own_child_t own;
    boll_process_process_error_t error;
    if (!boll_process_children_spawn(&asked, &own, &error)) return boll_start_failed(call, &error);
    struct boll_allocation *kept = boll_keep(call, 0);
    kept->end = boll_child_ended;
    kept->handle = own.__handle;
    *child = (boll_child){.handle = boll_process_children_borrow_child(own), .rest = {.call = call}};
    return true;
}

// Writes to its standard input, whole.
static inline bool boll_write(boll_call *call, boll_child *child, boll_text data) {
    while (data.len) {
        boll_bytes_t part = {(uint8_t *)data.ptr, data.len < 65536 ? data.len : 65536};
        boll_process_children_error_t error;
        uint64_t taken;
        if (!boll_process_children_method_child_write(child->handle, &part, BOLL_CHILD_TIMEOUT_MS, &taken, &error))
            return boll_child_failed(call, &error);
        if (!taken) return boll_fail(call, "it read nothing for %d ms", BOLL_CHILD_TIMEOUT_MS);
        data = (boll_text){data.ptr + taken, data.len - (size_t)taken};
    }
    return true;
}

// The next line of its standard output without its newline; without a pointer at the end.
static inline bool boll_read_line(boll_call *call, boll_child *child, boll_text *line) {
    for (;;) {
        boll_buffer *rest = &child->rest;
        char *start = rest->ptr + child->taken;
        size_t left = rest->len - child->taken;
        char *newline = left ? memchr(start, '\n', left) : NULL;
        if (newline || child->ended) {
            size_t len = newline ? (size_t)(newline - start) : left;
            *line = newline || left ? boll_copy(call, start, len) : (boll_text){0};
            child->taken += newline ? len + 1 : len;
            return true;
        }
        boll_process_children_chunk_t chunk;
        boll_process_children_error_t error;
        if (!boll_process_children_method_child_read(child->handle, BOLL_PROCESS_CHILDREN_CHANNEL_STDOUT, child->cursor,
                                                     65536, BOLL_CHILD_TIMEOUT_MS, &chunk, &error))
            return boll_child_failed(call, &error);
        bool nothing = !chunk.bytes.len && !chunk.eof;
        uint64_t dropped = chunk.dropped;
        boll_put(rest, (char *)chunk.bytes.ptr, chunk.bytes.len);
        child->cursor = chunk.next;
        child->ended = chunk.eof;
        boll_free(chunk.bytes.ptr, chunk.bytes.len);
        if (nothing) return boll_fail(call, "it wrote no line for %d ms", BOLL_CHILD_TIMEOUT_MS);
        if (dropped)
            return boll_fail(call, "%llu bytes were dropped before they were read: raise `capture`",
                             (unsigned long long)dropped);
    }
}

static inline bool boll_close_stdin(boll_call *call, boll_child *child) {
    boll_process_children_error_t error;
    return boll_process_children_method_child_close_stdin(child->handle, &error) || boll_child_failed(call, &error);
}

// Waits for its end.
static inline bool boll_wait(boll_call *call, boll_child *child, boll_exit *exit) {
    boll_process_children_option_exit_t given;
    boll_process_children_error_t error;
    if (!boll_process_children_method_child_wait(child->handle, NULL, &given, &error))
        return boll_child_failed(call, &error);
    *exit = boll_exited(call, &given.val);
    boll_process_children_option_exit_free(&given);
    return true;
}

// Interrupts it, terminates it after 2 s, then kills it.
static inline bool boll_stop(boll_call *call, boll_child *child, boll_exit *exit) {
    boll_process_children_exit_t given;
    boll_process_children_error_t error;
    if (!boll_process_children_method_child_stop(child->handle, NULL, &given, &error))
        return boll_child_failed(call, &error);
    *exit = boll_exited(call, &given);
    boll_process_children_exit_free(&given);
    return true;
}
