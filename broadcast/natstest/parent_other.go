//go:build !linux

package natstest

import "syscall"

// endWithParent is Linux' alone.
func endWithParent(*syscall.SysProcAttr) {}
