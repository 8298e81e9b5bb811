// Package export_boll_hook_handler is what the host calls. The bindings ask for it by this name.
package export_boll_hook_handler

import (
	"bindings/boll_hook_types"
	"bindings/wit/types"
)

// Answer is what the capsule answers.
type Answer = types.Result[boll_hook_types.Reply, boll_hook_types.Failure]

// OnCall answers each call. Package boll sets it.
var OnCall func(action string, event boll_hook_types.Event) Answer

// Handle is the export `boll:hook/handler`.
func Handle(action string, event boll_hook_types.Event) Answer {
	return OnCall(action, event)
}
