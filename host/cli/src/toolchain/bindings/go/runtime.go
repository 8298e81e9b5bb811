// Package runtime gives the host memory, and keeps handles of resources.
package runtime

import (
	"runtime"
	"runtime/debug"
	"unsafe"
)

// Allocate gives memory that stays where it is until the pinner lets it go.
// It fits every WIT type: none asks for more than 8 bytes of alignment.
func Allocate(pinner *runtime.Pinner, size, _ uintptr) unsafe.Pointer {
	if size == 0 {
		return nil
	}
	memory := unsafe.Pointer(unsafe.SliceData(make([]uint64, (size+7)/8)))
	pinner.Pin(memory)
	return memory
}

// Go's collector asks the host for the time, and while the host waits for memory
// it cannot be called. So nothing is collected but while the capsule runs: not
// before an export is called, and not from the call of an import until Go's own
// values are made of what the host answered.
//
// Until then the memory that the host was given stays where it is, too.
var (
	percent = withoutCollector()
	given   runtime.Pinner
	// How many calls of imports are on their way, and of exports.
	importing, exporting int
)

func withoutCollector() int {
	if runtime.GOARCH != "wasm" {
		// A test, or a tool that looks at the code: there is no host.
		return 100
	}
	return debug.SetGCPercent(-1)
}

// Export begins the call of an export whose arguments are Go's own values by
// now; what it gives ends it.
func Export() func() {
	exporting++
	resume()
	return func() {
		exporting--
		debug.SetGCPercent(-1)
	}
}

// Import begins the call of an import; what it gives ends it.
func Import(pinner *runtime.Pinner) func() {
	importing++
	// Waits until nothing is collected any more.
	debug.SetGCPercent(-1)
	return func() {
		pinner.Unpin()
		importing--
		resume()
	}
}

func resume() {
	if importing > 0 {
		return
	}
	given.Unpin()
	if exporting > 0 {
		debug.SetGCPercent(percent)
	}
}

// Whether Go's allocator can be used.
var started bool

func init() {
	started = true
}

// What is asked for before Go has started: a page for the state of the adapter
// for WASI, and one for its stack, with room to align them.
var (
	early     [3 << 16]byte
	earlyUsed uintptr
)

func allocateEarly(size, align uintptr) unsafe.Pointer {
	start := uintptr(unsafe.Pointer(&early)) + earlyUsed
	gap := (align - start%align) % align
	if size > uintptr(len(early))-earlyUsed-gap {
		panic("more memory is asked for before Go has started than is set aside")
	}
	memory := unsafe.Add(unsafe.Pointer(&early), earlyUsed+gap)
	earlyUsed += gap + size
	return memory
}

// The canonical ABI's function by which the host asks for memory.
//
//go:wasmexport cabi_realloc
func reallocate(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if !started {
		return allocateEarly(size, align)
	}
	pauseClock(true)
	memory := Allocate(&given, size, align)
	pauseClock(false)
	copy(unsafe.Slice((*byte)(memory), size), unsafe.Slice((*byte)(old), oldSize))
	return memory
}

// Handle names a resource, until it is given away.
type Handle struct {
	value int32
}

// MakeHandle is a handle of this value.
func MakeHandle(value int32) *Handle {
	handle := new(Handle)
	handle.Set(value)
	return handle
}

// Use is the value; it panics when it was given away.
func (handle *Handle) Use() int32 {
	if handle.value == 0 {
		panic("the handle was given away or dropped")
	}
	return handle.value
}

// Take gives the value away; it panics when it was before.
func (handle *Handle) Take() int32 {
	value := handle.Use()
	handle.value = 0
	return value
}

// TakeOrNil gives the value away, or 0 when it was before.
func (handle *Handle) TakeOrNil() int32 {
	value := handle.value
	handle.value = 0
	return value
}

// Set gives the handle a value, which it must not have.
func (handle *Handle) Set(value int32) {
	if value == 0 {
		panic("no resource has the handle 0")
	}
	if handle.value != 0 {
		panic("the handle has a value already")
	}
	handle.value = value
}
