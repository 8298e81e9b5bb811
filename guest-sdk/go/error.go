package boll

import (
	"fmt"

	wit "bindings/boll_capability_denial"
)

// HostError is what the host did not allow or could not do.
type HostError struct {
	// Case is the contract's word for it, such as `not-found`.
	Case string
	// Text says more; it may be empty.
	Text string
}

func (err *HostError) Error() string {
	if err.Text == "" {
		return err.Case
	}
	return err.Case + ": " + err.Text
}

func denied(denial wit.Denial) error {
	return &HostError{"denied", fmt.Sprintf("the capability `%s` is missing: %s", denial.Capability, denial.Reason)}
}
