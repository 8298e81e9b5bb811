// A capsule that has one Python answer several expressions.

#include "boll.h"

// What Python is told first. Each answer is one line of JSON.
static const char SETUP[] =
    "import json\n"
    "def answer(text):\n"
    "    try: told = repr(eval(text, globals()))\n"
    "    except BaseException as error: told = f\"{type(error).__name__}: {error}\"\n"
    "    print(json.dumps(told, ensure_ascii=False))\n"
    "\n";

// Asks for one expression; puts its value or its error.
static bool ask(boll_call *call, boll_child *python, boll_text expression, boll_buffer *answer) {
    boll_buffer asked = {.call = call};
    boll_puts(&asked, "answer(");
    boll_put_json(&asked, expression); // A text in JSON is one in Python, too.
    boll_puts(&asked, ")\n");
    if (!boll_write(call, python, boll_buffer_text(&asked))) return false;

    boll_text line, told;
    if (!boll_read_line(call, python, &line)) return false;
    if (!line.ptr) return boll_fail(call, "Python ended before it answered");
    if (!boll_json_string(call, line, &told)) return boll_fail(call, "no answer: %s", line.ptr);
    boll_put_json(answer, told);
    return true;
}

// Answers each line, an expression, with its value or its error.
static bool evaluate(boll_call *call) {
    const char *args[] = {"python3", "-i", "-u", "-q", NULL};
    boll_child python;
    if (!boll_spawn(call, &(boll_command){.args = args}, &python)) return false;
    if (!boll_write(call, &python, (boll_text){SETUP, sizeof SETUP - 1})) return false;

    boll_buffer answers = {.call = call};
    int count = 0;
    boll_text lines = call->payload, line;
    boll_puts(&answers, "[");
    while (boll_split(call, &lines, '\n', &line)) {
        boll_text expression = boll_trim(line);
        if (!expression.len) continue;
        if (count++) boll_puts(&answers, ",");
        if (!ask(call, &python, expression, &answers)) return false;
    }
    boll_puts(&answers, "]");

    boll_exit exit;
    if (!boll_close_stdin(call, &python) || !boll_wait(call, &python, &exit)) return false;
    boll_log(INFO, "Python ended", boll_integer("answers", count), boll_text_field("status", exit.text));
    return boll_reply(call, boll_buffer_text(&answers));
}

BOLL_CAPSULE({"evaluate", evaluate})
