package boll

import (
	"time"

	wit "bindings/boll_lifecycle_lifecycle"
	"bindings/wit/types"
)

// Caller is the call that the capsule answers.
type Caller struct {
	// Principal is on whose behalf; empty when the host does not say.
	Principal string
	// Capsule is the uuid of the capsule that published; empty when the host called.
	Capsule string
	// CallID cancels it; empty when it has none.
	CallID  string
	Started time.Time
	// Deadline is when the host ends it; zero when it has none.
	Deadline time.Time
	// Chain are the capsules that wait for this call, the first caller first.
	Chain []string
}

// CurrentCall is the call that is answered now; false outside of one.
func CurrentCall() (Caller, bool) {
	found := wit.Caller()
	if found.Tag() != types.OptionSome {
		return Caller{}, false
	}
	call := found.Some()
	caller := Caller{
		Principal: call.Principal.SomeOr(""),
		CallID:    call.CallId.SomeOr(""),
		Started:   time.UnixMilli(int64(call.StartedAtMs)),
		Chain:     call.Chain,
	}
	if call.Source.Tag() == wit.SourceCapsule {
		caller.Capsule = call.Source.Capsule()
	}
	if call.DeadlineMs.Tag() == types.OptionSome {
		caller.Deadline = time.UnixMilli(int64(call.DeadlineMs.Some()))
	}
	return caller, true
}

// SelfUUID is this capsule's uuid: new each time that it is loaded.
func SelfUUID() string {
	return wit.SelfUuid()
}

// Ready says that this capsule is ready for calls. Saying it again changes nothing.
func Ready() {
	wit.Ready()
}
