package boll

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// wellFormed is text for the host, which takes Unicode only: with U+FFFD for what is not UTF-8.
func wellFormed(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}

// named checks a text that the host takes as a name. With another character it would be another name.
func named(text, what string) error {
	if utf8.ValidString(text) {
		return nil
	}
	return fmt.Errorf("%s is not UTF-8: %q", what, text)
}
