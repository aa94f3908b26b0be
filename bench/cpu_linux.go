package main

import (
	"syscall"
	"time"
	"unsafe"
)

// cpuOf is the processor time that a process has had, user and system, all
// threads, to the nanosecond: clock_gettime with the process's own clock.
func cpuOf(pid int) (time.Duration, error) {
	const schedulerClock = 2
	clock := ^pid<<3 | schedulerClock
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return 0, errno
	}
	return time.Duration(ts.Nano()), nil
}
