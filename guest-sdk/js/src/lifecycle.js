// Whom the capsule answers, and that it is ready.

import lifecycle from "boll:lifecycle/lifecycle@0.2.0";

/** The call that is answered now; null outside of one. */
export function caller() {
  const call = lifecycle.caller() ?? null;
  if (call === null) return null;
  return {
    principal: call.principal ?? null,
    capsule: call.source.tag === "capsule" ? call.source.val : null,
    callId: call.callId ?? null,
    startedAtMs: Number(call.startedAtMs),
    deadlineMs: call.deadlineMs === null || call.deadlineMs === undefined ? null : Number(call.deadlineMs),
    chain: [...call.chain],
  };
}

/** This capsule's uuid: new each time that it is loaded. */
export function selfUuid() {
  return lifecycle.selfUuid();
}

/** Says that this capsule is ready for calls. Saying it again changes nothing. */
export function ready() {
  lifecycle.ready();
}
