// Package boll is for authors of Boll capsules: actions, log lines, configuration, hooks and processes.
//
// A capsule names its actions before it is called:
//
//	func init() {
//		boll.Action("greet", greet)
//	}
//
//	func greet(event boll.Event) (any, error) {
//		return "Hello, " + string(event.Payload), nil
//	}
//
//	func main() {}
//
// Log lines are written with log/slog.
package boll

import (
	"errors"

	wit "bindings/boll_hook_types"
	"bindings/wit/types"
	_ "bindings/wit_exports"

	export "boll/export_boll_hook_handler"
)

// Handler does an action. What it returns goes out as JSON, bytes as they are,
// nil as nothing; Continue, Final and Deny say what becomes of an event. An
// error is answered as a failure, with its text.
type Handler func(Event) (any, error)

var actions = map[string]Handler{}

// Action names an action of the capsule's manifest and what does it. It is
// called from an init function.
func Action(name string, handler Handler) {
	if _, named := actions[name]; named {
		panic("the action `" + name + "` is named twice")
	}
	actions[name] = handler
}

func init() {
	export.OnCall = answer
}

func answer(action string, event wit.Event) export.Answer {
	handler, known := actions[action]
	if !known {
		return failed(wit.MakeFailureUnknownAction(action))
	}
	value, err := handler(Event{event.Topic.SomeOr(""), event.Payload})
	var reply wit.Reply
	if err == nil {
		reply, err = replyOf(value)
	}
	var invalid *PayloadError
	switch {
	case errors.As(err, &invalid):
		return failed(wit.MakeFailureInvalidPayload(wellFormed(invalid.Reason)))
	case err != nil:
		return failed(wit.MakeFailureFailed(wellFormed(err.Error())))
	default:
		return types.Ok[wit.Reply, wit.Failure](reply)
	}
}

func failed(failure wit.Failure) export.Answer {
	return types.Err[wit.Reply](failure)
}
