package boll

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	wit "bindings/boll_process_process"
	"bindings/wit/types"
)

// Cmd is a command for a host process, in the manner of os/exec.
type Cmd struct {
	// Path is a program's name, looked up in the sandbox, or an absolute path.
	Path string
	Args []string
	// Dir is relative to the workspace, or absolute below /workspace; the
	// workspace itself when it is empty.
	Dir string
	// Env is added to the sandbox's environment.
	Env map[string]string
	// Stdin is what the program reads when it is run to its end.
	Stdin []byte
	// Timeout ends the process tree when it has run for so long; 0 is no limit of its own.
	Timeout time.Duration
	// Capture is how many of the newest bytes of each output are kept; 1 MiB when it is 0.
	Capture uint64
	Limits  Limits
	// Label is a name for logs and listings.
	Label string
}

// Limits of a process tree; 0 is the host's own limit.
type Limits struct {
	// Memory is in bytes.
	Memory     uint64
	CPUSeconds uint64
	// Pids are processes and threads at the same time.
	Pids      uint32
	OpenFiles uint32
	// FileSize is of the largest file that may be written, in bytes.
	FileSize uint64
}

// Output is what a program left behind.
type Output struct {
	Exit Exit
	// Stdout and Stderr are the newest bytes.
	Stdout, Stderr []byte
	// StdoutDropped and StderrDropped say how many older bytes were dropped.
	StdoutDropped, StderrDropped uint64
	Elapsed                      time.Duration
}

// Command is a Cmd with these arguments.
func Command(program string, args ...string) *Cmd {
	return &Cmd{Path: program, Args: args}
}

// Run runs the program to its end. That it ended with an error is none of Run.
func (cmd *Cmd) Run() (*Output, error) {
	if err := cmd.named(); err != nil {
		return nil, err
	}
	stdin := wit.MakeInputNull()
	if cmd.Stdin != nil {
		stdin = wit.MakeInputBytes(cmd.Stdin)
	}
	result := wit.Run(cmd.command(stdin))
	if result.Tag() == types.ResultErr {
		return nil, startError(result.Err())
	}
	return outputOf(result.Ok()), nil
}

// Output runs the program to its end and gives its standard output, after Check.
func (cmd *Cmd) Output() ([]byte, error) {
	out, err := cmd.Run()
	if err != nil {
		return nil, err
	}
	return out.Stdout, out.Check(cmd.Path)
}

// named checks what the host takes as names.
func (cmd *Cmd) named() error {
	errs := []error{named(cmd.Path, "the program"), named(cmd.Dir, "the folder")}
	for _, arg := range cmd.Args {
		errs = append(errs, named(arg, "an argument"))
	}
	for name, value := range cmd.Env {
		errs = append(errs, named(name, "the name of a variable"), named(value, "the variable "+name))
	}
	return errors.Join(errs...)
}

func (cmd *Cmd) command(stdin wit.Input) wit.Command {
	capture := cmd.Capture
	if capture == 0 {
		capture = 1 << 20
	}
	env := []wit.Variable{}
	for _, name := range slices.Sorted(maps.Keys(cmd.Env)) {
		env = append(env, wit.Variable{Name: name, Value: cmd.Env[name]})
	}
	return wit.Command{
		Program: cmd.Path,
		Args:    cmd.Args,
		Cwd:     optional(cmd.Dir),
		Env:     env,
		Stdin:   stdin,
		Stdout:  wit.MakeKeepRing(capture),
		Stderr:  wit.MakeKeepRing(capture),
		Limits: wit.Limits{
			Memory:     optional(cmd.Limits.Memory),
			CpuSeconds: optional(cmd.Limits.CPUSeconds),
			Pids:       optional(cmd.Limits.Pids),
			OpenFiles:  optional(cmd.Limits.OpenFiles),
			FileSize:   optional(cmd.Limits.FileSize),
		},
		DeadlineMs: optional(uint64(milliseconds(cmd.Timeout))),
		Label:      optional(wellFormed(cmd.Label)),
	}
}

// Check is an error when the program ended otherwise than with 0, and when not
// all of its standard output was kept.
func (out *Output) Check(program string) error {
	switch {
	case !out.Exit.Success():
		return fmt.Errorf("%s: %v: %s", program, out.Exit, strings.TrimSpace(string(out.Stderr)))
	case out.StdoutDropped > 0:
		return fmt.Errorf("%s: %d bytes of its output were dropped: raise Capture", program, out.StdoutDropped)
	default:
		return nil
	}
}

func outputOf(output wit.Output) *Output {
	return &Output{
		Exit:          exitOf(output.Exit),
		Stdout:        output.Stdout.Bytes,
		Stderr:        output.Stderr.Bytes,
		StdoutDropped: output.Stdout.Dropped,
		StderrDropped: output.Stderr.Dropped,
		Elapsed:       time.Duration(output.ElapsedMs) * time.Millisecond,
	}
}

func startError(err wit.Error) error {
	switch err.Tag() {
	case wit.ErrorDenied:
		return denied(err.Denied())
	case wit.ErrorInvalid:
		return &HostError{"invalid", err.Invalid()}
	case wit.ErrorNotFound:
		return &HostError{"not-found", err.NotFound()}
	case wit.ErrorNotExecutable:
		return &HostError{"not-executable", err.NotExecutable()}
	case wit.ErrorBadCwd:
		return &HostError{"bad-cwd", err.BadCwd()}
	case wit.ErrorTooLarge:
		size := err.TooLarge()
		return &HostError{"too-large", fmt.Sprintf("%s has %d bytes, and %d are the most", size.What, size.Actual, size.Limit)}
	case wit.ErrorUnsupportedLimit:
		return &HostError{"unsupported-limit", err.UnsupportedLimit()}
	case wit.ErrorSandboxUnavailable:
		return &HostError{"sandbox-unavailable", err.SandboxUnavailable()}
	case wit.ErrorTooMany:
		return &HostError{"too-many", fmt.Sprintf("%d children are the most", err.TooMany())}
	case wit.ErrorCancelled:
		return &HostError{Case: "cancelled"}
	case wit.ErrorShuttingDown:
		return &HostError{Case: "shutting-down"}
	default:
		return &HostError{"host", err.Host()}
	}
}
