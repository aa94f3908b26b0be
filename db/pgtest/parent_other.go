//go:build !linux

package pgtest

import "syscall"

// endWithParent is Linux' alone.
func endWithParent(*syscall.SysProcAttr) {}
