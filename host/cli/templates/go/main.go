// A capsule that greets.
package main

import (
	"log/slog"
	"strings"

	"boll"
)

//go:generate boll bindings wit --lang go --world capsule -o gen

func init() {
	boll.Action("greet", greet)
}

// greet greets the person named in the payload.
func greet(event boll.Event) (any, error) {
	text, err := event.Text()
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(text)
	if name == "" {
		name = "world"
	}
	slog.Info("greeted", "bytes", len(name))
	// Bytes are sent as they are, everything else as JSON.
	return []byte(boll.Config("greeting") + ", " + name + "!"), nil
}

// main is not called: the host calls the actions.
func main() {}
