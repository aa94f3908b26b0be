package pgtest

import "syscall"

// endWithParent has the kernel end Postgres if a test is killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
