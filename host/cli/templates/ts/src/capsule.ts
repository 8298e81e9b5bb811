// A capsule that greets.

import { capsule } from "boll-sdk";
import * as config from "boll-sdk/config";
import * as log from "boll-sdk/log";
import { encode } from "boll-sdk/utf8";

/** The export `boll:hook/handler`: each method is an action. */
export const handler = capsule({
  /** Greets the person named in the payload. */
  greet(event) {
    const name = event.text().trim() || "world";
    const greeting = config.get("greeting");
    log.info("greeted", { bytes: encode(name).length });
    // Bytes are sent as they are, everything else as JSON.
    return encode(`${greeting}, ${name}!`);
  },
});
