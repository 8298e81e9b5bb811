package runtime

// Go's allocator asks for the time, too, but only for one that rises: the
// adapter then gives the one that it gave before.
//
//go:wasmimport wasi_snapshot_preview1 adapter_monotonic_clock_set_paused
func pauseClock(paused bool)
