package boll

import (
	"fmt"

	wit "bindings/boll_process_process"
)

// Exit is how a program ended. Its text is such as `exit status: 0`.
type Exit struct {
	// Code is -1 when a signal ended it, and when it did not start.
	Code int
	// Signal is 0 when none ended it.
	Signal int
	// Cause is the contract's word for why it ended: `own` when it did of its
	// own accord, and the limit's name when it reached one.
	Cause string
	// LaunchFailure says why it did not start; empty when it did.
	LaunchFailure string
}

// Success tells whether it ended with 0.
func (exit Exit) Success() bool {
	return exit.Code == 0
}

func (exit Exit) String() string {
	why := ""
	if exit.Cause != "own" {
		why = " (" + exit.Cause + ")"
	}
	switch {
	case exit.LaunchFailure != "":
		return "it did not start: " + exit.LaunchFailure
	case exit.Signal != 0:
		return fmt.Sprintf("signal: %d%s", exit.Signal, why)
	default:
		return fmt.Sprintf("exit status: %d%s", exit.Code, why)
	}
}

// The contract's words, in its order.
var (
	causes = [...]string{"own", "requested", "cancelled", "timed-out", "limit", "shutdown"}
	limits = [...]string{"memory", "cpu-seconds", "pids", "file-size"}
	steps  = [...]string{"sandbox", "cwd", "limits", "filter", "exec"}
)

func exitOf(exit wit.Exit) Exit {
	told := Exit{Code: -1, Cause: causes[exit.Cause.Tag()]}
	if exit.Cause.Tag() == wit.CauseLimit {
		told.Cause = limits[exit.Cause.Limit()]
	}
	switch status := exit.Status; status.Tag() {
	case wit.ExitStatusCode:
		told.Code = int(status.Code())
	case wit.ExitStatusSignal:
		told.Signal = int(status.Signal())
	default:
		failure := status.LaunchFailed()
		told.LaunchFailure = steps[failure.Step] + ": " + failure.Message
	}
	return told
}
