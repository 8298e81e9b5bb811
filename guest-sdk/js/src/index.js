// What every capsule needs: the export, its events, its replies, its failures.

import "./globals.js";
export { capsule } from "./capsule.js";
export { Event } from "./event.js";
export { Failure } from "./failure.js";
export { HostError } from "./refused.js";
export { Reply, deny, final, proceed } from "./reply.js";
export { onInstall, onUpgrade, service } from "./service.js";
