package chaos

import "syscall"

// endWithParent has the kernel end a node if the tests are killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
