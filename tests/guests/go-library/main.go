// Does what the library for Go offers, for the cases beside it to see.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	signals "bindings/boll_process_children"
	"boll"
)

//go:generate boll bindings wit --lang go --world capsule -o gen

func init() {
	boll.Action("config", config)
	boll.Action("log", log)
	boll.Action("reply", reply)
	boll.Action("run", run)
	boll.Action("expire", expire)
	boll.Action("check", check)
	boll.Action("drive", drive)
	boll.Action("wait", wait)
	boll.Action("late", late)
	boll.Action("detach", detach)
	boll.Action("trigger", trigger)
	boll.Action("intercept", intercept)
}

func main() {}

func config(boll.Event) (any, error) {
	numbers := []int{7}
	if err := boll.ConfigValue("numbers", &numbers); err != nil {
		return nil, err
	}
	_, set := boll.LookupConfig("text")
	_, empty := boll.LookupConfig("empty")
	return []any{boll.Config("text"), boll.ConfigOr("text", "other"), set, empty, numbers, boll.AllConfig()}, nil
}

func log(boll.Event) (any, error) {
	log := slog.With("who", "ann").WithGroup("in")
	log.Warn("careful", "n", 1, "x", 0.5, "yes", true, "big", uint64(1)<<63, slog.Group("deep", "d", time.Second))
	slog.Error("wrong", "error", io.EOF)
	slog.Debug("small")
	return nil, nil
}

func reply(event boll.Event) (any, error) {
	var wanted string
	if err := event.JSON(&wanted); err != nil {
		return nil, err
	}
	switch wanted {
	case "final":
		return boll.Final{Value: "<final>"}, nil
	case "deny":
		return boll.Deny{Reason: "not today"}, nil
	case "odd":
		return boll.Deny{Reason: "a\xffb"}, nil
	case "error":
		return io.EOF, nil
	case "hidden":
		return []any{struct{ hidden int }{1}}, nil
	case "value":
		return boll.Continue{Value: []byte("raw")}, nil
	case "same":
		return boll.Continue{}, nil
	case "invalid":
		return nil, fmt.Errorf("wrapped: %w", boll.InvalidPayload("not that"))
	case "unknown":
		return boll.Config("undeclared"), nil
	default:
		return nil, errors.New("no such reply")
	}
}

func command(event boll.Event) *boll.Cmd {
	cmd := boll.Command("tool", string(event.Payload))
	cmd.Env = map[string]string{"NAME": "value"}
	cmd.Stdin = []byte("in")
	cmd.Timeout = 5 * time.Second
	cmd.Label = "a label"
	cmd.Limits.OpenFiles = 64
	return cmd
}

// run tells all about a program that ran to its end.
func run(event boll.Event) (any, error) {
	out, err := command(event).Run()
	if err != nil {
		return nil, err
	}
	return []any{out.Exit.String(), out.Exit, string(out.Stdout), string(out.Stderr), out.Exit.Success()}, nil
}

// expire has less time than the contract can say.
func expire(event boll.Event) (any, error) {
	cmd := command(event)
	cmd.Stdin, cmd.Timeout = nil, time.Microsecond
	out, err := cmd.Run()
	if err != nil {
		return nil, err
	}
	return out.Exit.Cause, nil
}

// check tells what is left of an output when it has to be whole.
func check(event boll.Event) (any, error) {
	cmd := command(event)
	cmd.Capture = 4
	return cmd.Output()
}

func drive(boll.Event) (any, error) {
	tool, err := boll.Command("tool").Start()
	if err != nil {
		return nil, err
	}
	defer tool.Close()
	lines := bufio.NewScanner(tool.Stdout)
	var seen []string
	for _, word := range []string{"one", "two"} {
		if _, err := fmt.Fprintln(tool, word); err != nil {
			return nil, err
		}
		if !lines.Scan() {
			return nil, fmt.Errorf("no line: %w", lines.Err())
		}
		seen = append(seen, lines.Text())
	}
	if err := tool.CloseStdin(); err != nil {
		return nil, err
	}
	_, closed := tool.Write([]byte("more"))
	rest, err := io.ReadAll(tool.Stderr)
	if err != nil {
		return nil, err
	}
	exit, err := tool.Wait()
	return []any{seen, string(rest), exit.String(), fmt.Sprint(closed)}, err
}

func wait(event boll.Event) (any, error) {
	tool, err := boll.Command("tool").Start()
	if err != nil {
		return nil, err
	}
	defer tool.Close()
	if _, ended, err := tool.WaitFor(time.Millisecond); ended || err != nil {
		return nil, fmt.Errorf("it has ended: %w", err)
	}
	switch string(event.Payload) {
	case "stop":
		exit, err := tool.Stop(time.Second)
		return exit.String(), err
	case "kill":
		out, err := tool.Kill()
		if err != nil {
			return nil, err
		}
		return []string{out.Exit.String(), string(out.Stdout)}, nil
	default:
		if err := tool.Signal(signals.SignalTerminate); err != nil {
			return nil, err
		}
		exit, ended, err := tool.WaitFor(10 * time.Second)
		return []any{exit.String(), ended}, err
	}
}

func late(boll.Event) (any, error) {
	tool, err := boll.Command("tool").Start()
	if err != nil {
		return nil, err
	}
	defer tool.Close()
	tool.Timeout = time.Microsecond
	_, err = tool.Stdout.Read(make([]byte, 10))
	return []any{errors.Is(err, os.ErrDeadlineExceeded), fmt.Sprint(err)}, nil
}

func detach(boll.Event) (any, error) {
	tool, err := boll.Command("tool").Start()
	if err != nil {
		return nil, err
	}
	id, err := tool.Detach()
	if err != nil {
		return nil, err
	}
	same := id == tool.ID()
	if err := tool.Close(); err != nil {
		return nil, err
	}
	again, err := boll.Attach(id)
	if err != nil {
		return nil, err
	}
	defer again.Close()
	line, err := bufio.NewReader(again.Stdout).ReadString('\n')
	if err != nil {
		return nil, err
	}
	exit, err := again.Stop(0)
	if err != nil {
		return nil, err
	}
	_, unknown := boll.Attach("no such id")
	return []any{same, line, exit.String(), fmt.Sprint(unknown)}, nil
}

func trigger(event boll.Event) (any, error) {
	answers, err := boll.Publishing{Topic: "told", Timeout: time.Second}.Trigger(string(event.Payload))
	if err != nil {
		return nil, err
	}
	told := []string{}
	for _, answer := range answers {
		told = append(told, fmt.Sprintf("%s %s %s%s", answer.Capsule, answer.Outcome, answer.Payload, answer.Reason))
	}
	return told, nil
}

func intercept(event boll.Event) (any, error) {
	topic := "told"
	if string(event.Payload) == "untold" {
		topic = "untold"
	}
	left, err := boll.Intercept(topic, event.Payload)
	var denied *boll.Denied
	var refused *boll.HostError
	switch {
	case errors.As(err, &denied):
		return []string{denied.Capsule, denied.Reason}, nil
	case errors.As(err, &refused):
		return nil, refused
	default:
		return left, err
	}
}
