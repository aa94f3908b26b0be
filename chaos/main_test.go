package chaos

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// folder is where the program is built, for all tests.
var folder string

func TestMain(m *testing.M) { goleak.VerifyTestMain(inFolder{m}) }

// inFolder runs the tests with a folder for the program.
type inFolder struct{ m *testing.M }

func (f inFolder) Run() int {
	var err error
	if folder, err = os.MkdirTemp("", "chaos"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	return f.m.Run()
}

// need ends a test that can't do without a part: with CI set it fails.
func need(t *testing.T, missing, err error) {
	t.Helper()
	if errors.Is(err, missing) && os.Getenv("CI") == "" {
		t.Skip(errors.Join(errors.New("skipped, for CI is not set"), err))
	}
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a condition holds that nothing tells of.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	if !within(patience, holds) {
		t.Fatal("it does not come to pass")
	}
}

// within asks over and over whether a condition holds, for as long as that.
func within(limit time.Duration, holds func() bool) bool {
	late := time.After(limit)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-late:
			return holds()
		}
	}
	return true
}

// together runs do for 0 to n-1, some at a time, and joins their errors.
func together(n int, do func(i int) error) error {
	const atATime = 16
	errs := make([]error, n)
	var group sync.WaitGroup
	turn := make(chan struct{}, atATime)
	for i := range n {
		turn <- struct{}{}
		group.Go(func() {
			errs[i] = do(i)
			<-turn
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
