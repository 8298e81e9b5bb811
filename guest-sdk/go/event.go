package boll

import (
	"encoding/json"
	"unicode/utf8"
)

// Event is what an action is called with.
type Event struct {
	// Topic is what was published to; empty when the action was called by name.
	Topic   string
	Payload []byte
}

// Text is the payload, which has to be UTF-8.
func (event Event) Text() (string, error) {
	if !utf8.Valid(event.Payload) {
		return "", InvalidPayload("not UTF-8")
	}
	return string(event.Payload), nil
}

// JSON reads the payload's JSON value into what `into` points to.
func (event Event) JSON(into any) error {
	if err := json.Unmarshal(event.Payload, into); err != nil {
		return InvalidPayload("not the JSON that is asked for: " + err.Error())
	}
	return nil
}

// PayloadError says that a payload is not what the action takes.
type PayloadError struct {
	Reason string
}

// InvalidPayload is a PayloadError for this reason.
func InvalidPayload(reason string) error {
	return &PayloadError{reason}
}

func (err *PayloadError) Error() string {
	return err.Reason
}
