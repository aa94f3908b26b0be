//go:build !linux

package chaos

import "syscall"

// endWithParent is Linux' alone.
func endWithParent(*syscall.SysProcAttr) {}
