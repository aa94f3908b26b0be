package chaos

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// grace is short, so that a run is.
	grace = 5 * time.Second
	// runUp is how long everybody writes before a fault, and after it.
	runUp = 2 * time.Second
	// leaversIn is of how many clients one leaves at a fault: half of them come back
	// meanwhile, after up to awayLongest, and half after the check.
	leaversIn   = 33
	awayLongest = countsAsDead + grace
	crowdOfMany = 1000
	crowdOfOne  = 200
	// Each fault strikes so often, unless CHAOS_ROUNDS says.
	roundsOfMany = 2
	roundsOfOne  = 1
)

func TestSeveralNodesUnderFaultsKeepTheirPromises(t *testing.T) {
	r := newRun(t, options{nodes: 3}, gathering{all: crowdOfMany})
	r.hide()
	for range rounds(t, roundsOfMany) {
		order := r.random.Perm(3)
		a, b, c := order[0], order[1], order[2]
		r.strike(frozen(a, countsAsDead+grace+3*time.Second), killed(b, countsAsDead), clockSet(c, 10*time.Second))
		r.strike(busRestarted(5*time.Second), databaseRestarted(countsAsDead))
		alone := countsAsDead + grace + 3*time.Second
		r.strike(cutFromBus(a, 6*time.Second), cutFromDatabase(b, alone), clockSet(b, alone))
		r.strike(replaced())
	}
	r.rest()
	r.sawEnough()
}

func TestOneNodeUnderFaultsKeepsItsPromises(t *testing.T) {
	t.Parallel()
	r := newRun(t, options{nodes: 1}, gathering{all: crowdOfOne})
	for range rounds(t, roundsOfOne) {
		r.strike(killed(0, countsAsDead))
		r.strike(frozen(0, 8*time.Second))
		r.strike(databaseRestarted(2 * time.Second))
		r.strike(cutFromDatabase(0, 6*time.Second))
		r.strike(replaced())
	}
	r.sawEnough()
}

func TestANodeOnAFileUnderFaultsKeepsItsPromises(t *testing.T) {
	t.Parallel()
	r := newRun(t, options{nodes: 1, file: true}, gathering{all: crowdOfOne})
	r.hide()
	for range rounds(t, roundsOfOne) {
		r.strike(killed(0, 0))
		r.strike(frozen(0, grace+3*time.Second))
		r.strike(diskFull(grace + 3*time.Second))
		r.strike(fileLocked(grace+3*time.Second), clockSet(0, grace))
		r.strike(replaced(), clockSet(0, 3*time.Second))
	}
	r.rest()
	r.sawEnough()
}

// rounds is how often to do what is done many times.
func rounds(t *testing.T, unlessTold int) int {
	t.Helper()
	text := os.Getenv("CHAOS_ROUNDS")
	if text == "" {
		return unlessTold
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// run is a cluster with a crowd, and what chance has for them.
type run struct {
	t       *testing.T
	cluster *cluster
	crowd   *crowd
	random  *rand.Rand
	// calm are the times without a fault, or traces of one.
	calm []calm
}

// newRun draws from CHAOS_SEED, or from a seed that it prints.
func newRun(t *testing.T, o options, size gathering) *run {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("CHAOS_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("CHAOS_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	o.clock, o.flags = true, []string{"--offline-grace=" + grace.String()}
	c := newCluster(t, o)
	r := &run{t: t, cluster: c, crowd: gather(t, c, size, random), random: random}
	r.check("nothing", 0)
	return r
}

// strike lets faults come at once while everybody writes and some leave, and
// checks everything afterwards.
func (r *run) strike(faults ...fault) {
	r.t.Helper()
	var names []string
	var passes time.Duration
	for _, f := range faults {
		names = append(names, f.name)
		passes = max(passes, f.passes)
	}
	r.crowd.writing.Store(true)
	left := r.someLeave()
	staying := left[:len(left)/2]
	seeds := make([]uint64, len(faults))
	for i := range seeds {
		seeds[i] = r.random.Uint64()
	}
	back := r.comeBack(left[len(staying):])
	must(r.t, together(len(faults), func(i int) error {
		time.Sleep(runUp)
		defer time.Sleep(runUp)
		return faults[i].strike(r.cluster, rand.New(rand.NewPCG(seeds[i], 0)))
	}))
	back.Wait()
	r.check(strings.Join(names, " and "), passes)
	for _, c := range staying {
		c.come()
	}
}

// comeBack has clients return at some time of a fault, each at its own.
func (r *run) comeBack(clients []*client) *sync.WaitGroup {
	var back sync.WaitGroup
	for _, c := range clients {
		away := time.Duration(r.random.Int64N(int64(awayLongest)))
		back.Go(func() {
			time.Sleep(away)
			c.come()
		})
	}
	return &back
}

// someLeave has a few of the clients go.
func (r *run) someLeave() (left []*client) {
	for len(left) == 0 {
		for _, c := range r.crowd.clients {
			if r.random.IntN(leaversIn) == 0 {
				c.goAway()
				left = append(left, c)
			}
		}
	}
	return left
}

// check waits until all is right again after a fault, and goes through all
// that was ever told.
func (r *run) check(fault string, passes time.Duration) {
	r.t.Helper()
	must(r.t, r.crowd.quiet())
	wrong, took := r.crowd.settle(r.t.Context(), settleLimit+passes+allowance)
	r.complain(fault+": not right again in time", wrong)
	all := r.crowd.histories()
	r.complain(fault+": told wrongly", checkHistories(all, grace, r.calm))
	must(r.t, r.crowd.complained())
	r.t.Logf("after %s: right again in %v; so far %v", fault, took.Round(10*time.Millisecond), count(all))
	if r.t.Failed() {
		r.t.FailNow()
	}
}

// sawEnough is that the checks had something to check.
func (r *run) sawEnough() {
	r.t.Helper()
	if n := count(r.crowd.histories()); n.offline == 0 || n.acknowledged == 0 || n.unknown == 0 || n.short == 0 {
		r.t.Errorf("the run proves little: %v", n)
	}
}

func (r *run) complain(what string, wrong []string) {
	r.t.Helper()
	if len(wrong) > 0 {
		r.t.Errorf("%s, %d times:\n%s", what, len(wrong), strings.Join(wrong[:min(len(wrong), 10)], "\n"))
	}
}
