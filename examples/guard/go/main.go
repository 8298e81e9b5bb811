// Reviews notes before they are saved: masks words, and denies empty notes.
package main

import (
	"strings"

	"boll"
)

//go:generate boll bindings wit --lang go --world capsule -o gen

func init() { boll.Action("review", review) }
func main() {}

// review goes on with the note, its words masked; it denies an empty one.
func review(event boll.Event) (any, error) {
	var note string
	if err := event.JSON(&note); err != nil {
		return nil, err
	}
	if strings.TrimSpace(note) == "" {
		return boll.Deny{Reason: "a note needs some text"}, nil
	}
	var words []string
	if err := boll.ConfigValue("words", &words); err != nil {
		return nil, err
	}
	masked := note
	for _, word := range words {
		masked = strings.ReplaceAll(masked, word, strings.Repeat("*", len([]rune(word))))
	}
	if masked != note {
		if _, err := boll.Trigger("guard.masked", masked); err != nil {
			return nil, err
		}
	}
	return masked, nil
}
