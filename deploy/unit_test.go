//go:build linux

package deploy

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// mostExposed is in tenths of systemd's measure, in which 0 is safe and 100 isn't.
const mostExposed = "15"

func TestSystemdFindsNothingInTheUnit(t *testing.T) {
	t.Parallel()
	analyze := tool(t, "systemd-analyze")
	program, err := build()
	must(t, err)
	unit := filepath.Join(t.TempDir(), "userstatus.service")
	write(t, unit, with(t, read(t, "userstatus.service"), "/usr/local/bin/userstatus", program))
	if out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := exec.Command(analyze, "security", "--no-pager", "--offline=yes", "--threshold="+mostExposed, unit).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
