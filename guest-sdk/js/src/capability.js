// What this capsule and others may do.

import capability from "boll:capability/capability@0.2.0";
import { unicode } from "./utf8.js";

/** Everything that this capsule holds: a `name` and a `scope` each. */
export function held() {
  return capability.held().map(({ name, scope }) => ({ name, scope }));
}

/** Whether the capsule with this uuid holds a capability, such as `process:git`. */
export function check(uuid, name) {
  return capability.check(unicode(uuid, "the uuid"), unicode(name, "the capability"));
}
