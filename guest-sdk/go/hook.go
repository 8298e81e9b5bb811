package boll

import (
	"fmt"
	"time"

	wit "bindings/boll_hook_hook"
	failure "bindings/boll_hook_types"
	"bindings/wit/types"
)

// Publishing is a topic and how to publish to it.
type Publishing struct {
	Topic string
	// Timeout is how long each subscriber has; the host's own when it is 0.
	Timeout time.Duration
}

// Answer is what one subscriber answered.
type Answer struct {
	Capsule, Action string
	// Outcome is the contract's word for it, such as `continue`.
	Outcome string
	// Payload is what it gave, of the outcomes `continue` and `final`.
	Payload []byte
	// Reason is what it said, of the outcomes `deny`, `failed` and `crashed`.
	Reason string
}

// Denied says that a subscriber did not allow what was published.
type Denied struct {
	Capsule, Reason string
}

func (err *Denied) Error() string {
	return fmt.Sprintf("the capsule `%s` denied: %s", err.Capsule, err.Reason)
}

// Trigger tells all subscribers of a topic at once, and gives every answer.
func Trigger(topic string, value any) ([]Answer, error) {
	return Publishing{Topic: topic}.Trigger(value)
}

// Intercept passes a value through all subscribers of a topic, and gives the
// payload that they left. It is an error when one denied, a *Denied, or did
// not answer properly.
func Intercept(topic string, value any) ([]byte, error) {
	return Publishing{Topic: topic}.Intercept(value)
}

// Trigger is the function Trigger with these settings.
func (publishing Publishing) Trigger(value any) ([]Answer, error) {
	if err := named(publishing.Topic, "the topic"); err != nil {
		return nil, err
	}
	payload, err := payloadOf(value)
	if err != nil {
		return nil, err
	}
	result := wit.Trigger(publishing.Topic, payload, publishing.options())
	if result.Tag() == types.ResultErr {
		return nil, hookError(result.Err())
	}
	var answers []Answer
	for _, answer := range result.Ok() {
		answers = append(answers, answerOf(answer))
	}
	return answers, nil
}

// Intercept is the function Intercept with these settings.
func (publishing Publishing) Intercept(value any) ([]byte, error) {
	if err := named(publishing.Topic, "the topic"); err != nil {
		return nil, err
	}
	payload, err := payloadOf(value)
	if err != nil {
		return nil, err
	}
	result := wit.Intercept(publishing.Topic, payload, publishing.options())
	if result.Tag() == types.ResultErr {
		return nil, hookError(result.Err())
	}
	switch verdict := result.Ok(); verdict.Tag() {
	case wit.VerdictPassed:
		return verdict.Passed(), nil
	case wit.VerdictFinal:
		return verdict.Final().Payload, nil
	case wit.VerdictDenied:
		refusal := verdict.Denied()
		return nil, &Denied{refusal.Capsule, refusal.Reason}
	default:
		answer := answerOf(verdict.Stopped())
		return nil, fmt.Errorf("the capsule `%s` did not answer properly: %s %s",
			answer.Capsule, answer.Outcome, answer.Reason)
	}
}

func (publishing Publishing) options() wit.Options {
	return wit.Options{TimeoutMs: optional(milliseconds(publishing.Timeout))}
}

// The words for outcomes, in the contract's order.
var outcomes = [...]string{
	"continue", "final", "deny", "failed", "crashed", "timed-out", "cancelled", "busy", "recursion",
}

func answerOf(answer wit.Answer) Answer {
	outcome := answer.Outcome
	told := Answer{Capsule: answer.Capsule, Action: answer.Action, Outcome: outcomes[outcome.Tag()]}
	switch outcome.Tag() {
	case wit.OutcomeContinue:
		told.Payload = outcome.Continue().SomeOr(nil)
	case wit.OutcomeFinal:
		told.Payload = outcome.Final()
	case wit.OutcomeDeny:
		told.Reason = outcome.Deny()
	case wit.OutcomeFailed:
		told.Reason = failureText(outcome.Failed())
	case wit.OutcomeCrashed:
		told.Reason = outcome.Crashed()
	}
	return told
}

func failureText(said failure.Failure) string {
	switch said.Tag() {
	case failure.FailureUnknownAction:
		return "unknown action: " + said.UnknownAction()
	case failure.FailureInvalidPayload:
		return "invalid payload: " + said.InvalidPayload()
	default:
		return said.Failed()
	}
}

func hookError(err wit.Error) error {
	switch err.Tag() {
	case wit.ErrorDenied:
		return denied(err.Denied())
	case wit.ErrorInvalidTopic:
		return &HostError{"invalid-topic", err.InvalidTopic()}
	case wit.ErrorTooLarge:
		return &HostError{"too-large", fmt.Sprintf("%d bytes are the most", err.TooLarge())}
	case wit.ErrorTooDeep:
		return &HostError{"too-deep", fmt.Sprintf("%d publishings inside one another are the most", err.TooDeep())}
	default:
		return &HostError{Case: "cancelled"}
	}
}
