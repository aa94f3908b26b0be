package natstest

import "syscall"

// endWithParent has the kernel end the server if a test is killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
