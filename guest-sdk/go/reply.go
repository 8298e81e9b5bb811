package boll

import (
	wit "bindings/boll_hook_types"
	"bindings/wit/types"
)

// Continue goes on, with this value in place of the payload; with the payload
// itself if it is nil.
type Continue struct{ Value any }

// Final is done: no handler after this one is asked.
type Final struct{ Value any }

// Deny does not allow it, for this reason.
type Deny struct{ Reason string }

func replyOf(value any) (wit.Reply, error) {
	switch reply := value.(type) {
	case Deny:
		return wit.MakeReplyDeny(wellFormed(reply.Reason)), nil
	case Final:
		payload, err := payloadOf(reply.Value)
		return wit.MakeReplyFinal(payload), err
	case Continue:
		value = reply.Value
	}
	if value == nil {
		return wit.MakeReplyContinue(types.None[[]byte]()), nil
	}
	payload, err := payloadOf(value)
	return wit.MakeReplyContinue(types.Some(payload)), err
}

// payloadOf gives bytes as they are, and everything else as JSON.
func payloadOf(value any) ([]byte, error) {
	if payload, is := value.([]byte); is {
		return payload, nil
	}
	return marshal(value)
}
