package boll

import (
	"math"
	"time"

	"bindings/wit/types"
)

// optional is none for what is not set.
func optional[T comparable](value T) types.Option[T] {
	var unset T
	if value == unset {
		return types.None[T]()
	}
	return types.Some(value)
}

// milliseconds rounds up, so that what is set does not become nothing. What is
// over already has one millisecond, and 49 days are the most.
func milliseconds(span time.Duration) uint32 {
	if span == 0 {
		return 0
	}
	rounded := (span-1)/time.Millisecond + 1
	return uint32(min(max(rounded, 1), math.MaxUint32))
}
