package boll

import (
	"fmt"
	"io"
	"os"
	"time"

	wit "bindings/boll_process_children"
	process "bindings/boll_process_process"
	"bindings/wit/types"
)

const (
	// What one read or write may wait unless Child.Timeout says otherwise.
	defaultTimeout = 30 * time.Second
	chunk          = 64 << 10
)

// Child is a program that runs beside the capsule. It ends with the call,
// unless it is detached.
type Child struct {
	// Stdout and Stderr are read from their beginning.
	Stdout, Stderr io.Reader
	// Timeout is how long one read or write may wait: 30 s unless set. Then it
	// fails with os.ErrDeadlineExceeded.
	Timeout time.Duration

	handle *wit.Child
}

// Start starts the program. Close ends it.
func (cmd *Cmd) Start() (*Child, error) {
	if err := cmd.named(); err != nil {
		return nil, err
	}
	result := wit.Spawn(cmd.command(process.MakeInputPipe()))
	if result.Tag() == types.ResultErr {
		return nil, startError(result.Err())
	}
	return childOf(result.Ok()), nil
}

// Attach gives a child that this capsule detached for the same principal.
func Attach(id string) (*Child, error) {
	if err := named(id, "the id of the child"); err != nil {
		return nil, err
	}
	handle, err := okOf(wit.Attach(id))
	if err != nil {
		return nil, err
	}
	return childOf(handle), nil
}

func childOf(handle *wit.Child) *Child {
	child := &Child{Timeout: defaultTimeout, handle: handle}
	child.Stdout = &output{child: child, channel: wit.ChannelStdout}
	child.Stderr = &output{child: child, channel: wit.ChannelStderr}
	return child
}

// ID is good for Attach.
func (child *Child) ID() string {
	return child.handle.Id()
}

// Write writes to the program's standard input, all of it.
func (child *Child) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		next := data[written:min(written+chunk, len(data))]
		taken, err := okOf(child.handle.Write(next, child.timeout()))
		if err != nil {
			return written, err
		}
		if taken == 0 {
			return written, child.late("it read nothing")
		}
		written += int(taken)
	}
	return written, nil
}

// CloseStdin lets the program read to the end.
func (child *Child) CloseStdin() error {
	_, err := okOf(child.handle.CloseStdin())
	return err
}

// Wait waits for the program's end.
func (child *Child) Wait() (Exit, error) {
	exit, err := okOf(child.handle.Wait(types.None[uint32]()))
	if err != nil {
		return Exit{}, err
	}
	return exitOf(exit.Some()), nil
}

// WaitFor waits for so long; false when the program is still running then.
func (child *Child) WaitFor(timeout time.Duration) (Exit, bool, error) {
	exit, err := okOf(child.handle.Wait(types.Some(milliseconds(timeout))))
	if err != nil || exit.Tag() == types.OptionNone {
		return Exit{}, false, err
	}
	return exitOf(exit.Some()), true, nil
}

// Stop interrupts the process tree, terminates it after the grace (2 s when
// that is 0), then kills it.
func (child *Child) Stop(grace time.Duration) (Exit, error) {
	exit, err := okOf(child.handle.Stop(optional(milliseconds(grace))))
	if err != nil {
		return Exit{}, err
	}
	return exitOf(exit), nil
}

// Kill kills the process tree, and gives what was kept of its output.
func (child *Child) Kill() (*Output, error) {
	left, err := okOf(child.handle.Kill())
	if err != nil {
		return nil, err
	}
	return outputOf(left), nil
}

// Signal sends one of the constants of bindings/boll_process_children, such as
// SignalInterrupt, to the whole process tree.
func (child *Child) Signal(signal wit.Signal) error {
	_, err := okOf(child.handle.Signal(signal))
	return err
}

// Detach lets the child live on after the call; gives the id for Attach.
func (child *Child) Detach() (string, error) {
	return okOf(child.handle.Detach())
}

// Close lets the child go. It is killed, unless it was detached.
func (child *Child) Close() error {
	child.handle.Drop()
	return nil
}

func (child *Child) timeout() uint32 {
	return milliseconds(child.Timeout)
}

func (child *Child) late(what string) error {
	return fmt.Errorf("%s for %v: %w", what, child.Timeout, os.ErrDeadlineExceeded)
}

// output reads one of a child's outputs.
type output struct {
	child   *Child
	channel wit.Channel
	cursor  uint64
	ended   bool
}

func (out *output) Read(into []byte) (int, error) {
	if out.ended {
		return 0, io.EOF
	}
	if len(into) == 0 {
		return 0, nil
	}
	most := uint32(min(len(into), chunk))
	read, err := okOf(out.child.handle.Read(out.channel, out.cursor, most, out.child.timeout()))
	switch {
	case err != nil:
		return 0, err
	case read.Dropped > 0:
		return 0, fmt.Errorf("%d bytes were dropped before they were read: raise Capture", read.Dropped)
	case read.Eof && len(read.Bytes) == 0:
		out.ended = true
		return 0, io.EOF
	case len(read.Bytes) == 0:
		return 0, out.child.late("it wrote nothing")
	}
	out.cursor, out.ended = read.Next, read.Eof
	return copy(into, read.Bytes), nil
}

func okOf[T any](result types.Result[T, wit.Error]) (T, error) {
	if result.Tag() == types.ResultOk {
		return result.Ok(), nil
	}
	var none T
	return none, childError(result.Err())
}

func childError(err wit.Error) error {
	switch err.Tag() {
	case wit.ErrorUnknownChild:
		return &HostError{Case: "unknown-child"}
	case wit.ErrorWrongStream:
		return &HostError{Case: "wrong-stream"}
	case wit.ErrorClosed:
		return &HostError{Case: "closed"}
	case wit.ErrorTooLarge:
		return &HostError{"too-large", fmt.Sprintf("%d bytes are the most", err.TooLarge())}
	case wit.ErrorCancelled:
		return &HostError{Case: "cancelled"}
	case wit.ErrorShuttingDown:
		return &HostError{Case: "shutting-down"}
	default:
		return &HostError{"host", err.Host()}
	}
}
