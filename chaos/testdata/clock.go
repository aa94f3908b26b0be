// Package clock is what the program calls instead of package time where a test
// sets its clock wrong: the wall clock is off by what a file says, and the
// monotonic one goes on as it does when somebody sets the time.
package clock

import (
	"encoding/binary"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// file has the seconds by which the clock is off, in 8 bytes. It is in the
// folder in which the program starts, and stays open.
const file = "clock"

var off = open()

func open() []byte {
	f, err := os.Open(file)
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	memory, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return memory
}

// secondsAt is where a time.Time with a monotonic reading has its seconds.
const secondsAt = 30

func Now() time.Time {
	now := time.Now()
	*(*uint64)(unsafe.Pointer(&now)) += binary.NativeEndian.Uint64(off) << secondsAt
	return now
}

func Since(t time.Time) time.Duration { return Now().Sub(t) }
func Until(t time.Time) time.Duration { return t.Sub(Now()) }
