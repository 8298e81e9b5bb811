// A capsule that greets.

#include "boll.h"

// Greets the person named in the payload.
static bool greet(boll_call *call) {
    boll_text name = boll_trim(call->payload), greeting;
    if (!name.len) name = (boll_text){"world", strlen("world")};
    if (!boll_config(call, "greeting", &greeting)) return false;
    boll_log(INFO, "greeted", boll_integer("bytes", (int64_t)name.len));
    return boll_reply(call, boll_format(call, "%s, %.*s!", greeting.ptr, (int)name.len, name.ptr));
}

BOLL_CAPSULE({"greet", greet})
