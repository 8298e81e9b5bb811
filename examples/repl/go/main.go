// A capsule that has one Python answer several expressions.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"boll"
)

//go:generate boll bindings wit --lang go --world capsule -o gen

// What that Python is told first. Each answer is one line of JSON.
const setup = `
import json
def answer(text):
    try: told = repr(eval(text, globals()))
    except BaseException as error: told = f"{type(error).__name__}: {error}"
    print(json.dumps(told, ensure_ascii=False))

`

func init() { boll.Action("evaluate", evaluate) }
func main() {}

// evaluate answers each line, an expression, with its value or its error.
func evaluate(event boll.Event) (any, error) {
	text, err := event.Text()
	if err != nil {
		return nil, err
	}
	python, err := boll.Command("python3", "-i", "-u", "-q").Start()
	if err != nil {
		return nil, err
	}
	defer python.Close()
	if _, err := io.WriteString(python, setup); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(python.Stdout)
	answers := []string{}
	for expression := range strings.SplitSeq(text, "\n") {
		if expression = strings.TrimSpace(expression); expression == "" {
			continue
		}
		// A text in JSON is one in Python, too.
		quoted, _ := json.Marshal(expression)
		if _, err := fmt.Fprintf(python, "answer(%s)\n", quoted); err != nil {
			return nil, err
		}
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil, errors.New("Python ended before it answered")
		}
		var answer string
		if err := errors.Join(err, json.Unmarshal(line, &answer)); err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
	if err := python.CloseStdin(); err != nil {
		return nil, err
	}
	exit, err := python.Wait()
	slog.Info("Python ended", "answers", len(answers), "status", exit)
	return answers, err
}
