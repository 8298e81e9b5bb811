//go:build !wasm

package runtime

func pauseClock(bool) {}
