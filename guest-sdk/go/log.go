package boll

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"

	wit "bindings/boll_log_log"
	"bindings/wit/types"
)

// LevelTrace is the contract's lowest level, which log/slog has no name for.
const LevelTrace = slog.LevelDebug - 4

// logger passes log/slog's lines on to the host, which adds the time and the capsule.
type logger struct {
	// What stands before the keys: the groups that are open, each with a dot.
	prefix string
	fields []wit.Field
}

func (logger) Enabled(_ context.Context, level slog.Level) bool {
	return wit.Enabled(levelOf(level))
}

func (log logger) Handle(_ context.Context, record slog.Record) error {
	fields := slices.Clone(log.fields)
	record.Attrs(func(attr slog.Attr) bool {
		fields = appendFields(fields, log.prefix, attr)
		return true
	})
	result := wit.Emit(levelOf(record.Level), wellFormed(record.Message), fields)
	if result.Tag() == types.ResultErr {
		return logError(result.Err())
	}
	return nil
}

func (log logger) WithAttrs(attrs []slog.Attr) slog.Handler {
	log.fields = slices.Clone(log.fields)
	for _, attr := range attrs {
		log.fields = appendFields(log.fields, log.prefix, attr)
	}
	return log
}

func (log logger) WithGroup(name string) slog.Handler {
	if name != "" {
		log.prefix += name + "."
	}
	return log
}

func appendFields(fields []wit.Field, prefix string, attr slog.Attr) []wit.Field {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, inner := range value.Group() {
			fields = appendFields(fields, prefix, inner)
		}
		return fields
	}
	if attr.Equal(slog.Attr{}) {
		return fields
	}
	return append(fields, wit.Field{Key: wellFormed(prefix + attr.Key), Value: valueOf(value)})
}

func valueOf(value slog.Value) wit.Value {
	switch value.Kind() {
	case slog.KindBool:
		return wit.MakeValueBoolean(value.Bool())
	case slog.KindInt64:
		return wit.MakeValueInteger(value.Int64())
	case slog.KindFloat64:
		return wit.MakeValueNumber(value.Float64())
	case slog.KindUint64:
		if number := value.Uint64(); number <= math.MaxInt64 {
			return wit.MakeValueInteger(int64(number))
		}
	}
	return wit.MakeValueText(wellFormed(value.String()))
}

func levelOf(level slog.Level) wit.Level {
	switch {
	case level >= slog.LevelError:
		return wit.LevelError
	case level >= slog.LevelWarn:
		return wit.LevelWarn
	case level >= slog.LevelInfo:
		return wit.LevelInfo
	case level >= slog.LevelDebug:
		return wit.LevelDebug
	default:
		return wit.LevelTrace
	}
}

func logError(err wit.Error) error {
	switch err.Tag() {
	case wit.ErrorInvalidKey:
		return &HostError{"invalid-key", err.InvalidKey()}
	case wit.ErrorTooManyFields:
		return &HostError{"too-many-fields", fmt.Sprintf("%d are the most", err.TooManyFields())}
	default:
		return &HostError{"too-large", fmt.Sprintf("%d bytes are the most", err.TooLarge())}
	}
}
