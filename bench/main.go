// Bench measures what the service costs, beside a server that only writes bare
// frames and one made of gqlgen as it usually is. README.md says how to run it,
// and what each figure includes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lab is one run of the program.
type lab struct {
	dir      string // temporary; has the servers' binaries and data
	rounds   int
	quick    bool
	watchers []int  // of one user
	profiles string // where CPU profiles of ours go, or empty
	hooked   bool   // ours is built with the hook
	webhooks bool   // writes are with webhooks, which are taken
	soakTime time.Duration
	soakRate int // things done in a second
	out      io.Writer
}

type experiment struct {
	name string
	run  func(*lab) error
}

var experiments = []experiment{
	{"fanout", (*lab).fanout},
	{"mesh", (*lab).mesh},
	{"hidden", (*lab).hidden},
	{"latency", (*lab).latency},
	{"memory", (*lab).memory},
	{"pipes", (*lab).pipes},
	{"writes", (*lab).writes},
	{"accept", (*lab).accept},
	{"storm", (*lab).storm},
	{"growth", (*lab).growth},
	{"entries", (*lab).entries},
	{"bus", (*lab).bus},
	{"nodes", (*lab).nodes},
}

// onRequest are experiments that take long, or disturb: run only by name.
var onRequest = []experiment{
	{"soak", (*lab).soak},
	{"churn", (*lab).churn},
	{"flood", (*lab).flood},
	{"lists", (*lab).lists},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == pipesArgument {
		exitOn(overPipes(os.Args[2:]))
		return
	}
	if len(os.Args) > 1 && os.Args[1] == loadArgument {
		exitOn(loadNode(os.Args[2:]))
		return
	}
	l := &lab{out: os.Stdout}
	flag.IntVar(&l.rounds, "n", 5, "rounds of each figure, of which the median is shown")
	flag.BoolVar(&l.quick, "quick", false, "one round, and the shorter runs")
	flag.StringVar(&l.profiles, "profile", "", "directory for CPU profiles of our server, which then has the hook")
	flag.BoolVar(&l.webhooks, "webhooks", false, "in writes, have each change sent to a receiver, which takes it at once")
	flag.DurationVar(&l.soakTime, "for", time.Hour, "how long the soak takes")
	flag.Func("rate", "how many things are done in a second of the soak (default 80)", l.setRate)
	at := flag.String("dir", "", "where the temporary data goes; the writes' figures depend on the disk")
	l.watchers, l.soakRate = []int{1000, 5000}, 80
	flag.Func("watchers", "how many watch one user in fanout: numbers separated by commas (default 1000,5000)", l.setWatchers)
	flag.Usage = usage
	flag.Parse()
	if l.quick {
		l.rounds = 1
	}
	l.hooked = l.profiles != ""
	exitOn(l.work(*at, flag.Args()))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (l *lab) setWatchers(list string) error {
	l.watchers = nil
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 15000 {
			return errors.New("from 1 to 15000 go")
		}
		l.watchers = append(l.watchers, n)
	}
	return nil
}

func (l *lab) setRate(text string) (err error) {
	if l.soakRate, err = strconv.Atoi(text); err != nil || l.soakRate < 1 || l.soakRate > 10_000 {
		return errors.New("from 1 to 10000 go")
	}
	return nil
}

func usage() {
	var names []string
	for _, e := range slices.Concat(experiments, onRequest) {
		names = append(names, e.name)
	}
	fmt.Fprintf(os.Stderr, "usage: go run ./bench [flags] [%s …]\nWithout a name all are run, but for soak, churn, flood and lists.\n"+
		"pipes takes up to 4 GB, and at most %s for each of its servers.\n", strings.Join(names, "|"), pipesPatience)
	flag.PrintDefaults()
}

func (l *lab) work(at string, names []string) (err error) {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	if l.dir, err = os.MkdirTemp(at, "userstatus-bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(l.dir) }()
	if err := l.build(); err != nil {
		return err
	}
	l.head()
	for _, e := range chosen {
		began := time.Now()
		if err := e.run(l); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		fmt.Fprintf(os.Stderr, "[%s took %s]\n", e.name, time.Since(began).Round(time.Second))
	}
	return nil
}

func choose(names []string) ([]experiment, error) {
	if len(names) == 0 {
		return experiments, nil
	}
	var chosen []experiment
	for _, name := range names {
		all := slices.Concat(experiments, onRequest)
		i := slices.IndexFunc(all, func(e experiment) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is not measured; --help lists what is", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// build makes the servers: ours as it is, and once more with the hook laid over
// the same package, for what can't be seen from outside.
func (l *lab) build() error {
	root := output("go", "list", "-m", "-f", "{{.Dir}}")
	overlay, err := l.overlay(root)
	if err != nil {
		return err
	}
	for _, b := range [][]string{
		{"ours", root}, {"ours-hooked", "-overlay", overlay, root},
		{"bare", filepath.Join(root, "bench/bare")}, {"plain", filepath.Join(root, "bench/plain")},
	} {
		cmd := exec.Command("go", append([]string{"build", "-o", filepath.Join(l.dir, b[0])}, b[1:]...)...)
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", b[0], err, said)
		}
	}
	return nil
}

func (l *lab) overlay(root string) (string, error) {
	source, overlay := filepath.Join(l.dir, "hook.go"), filepath.Join(l.dir, "overlay.json")
	if err := os.WriteFile(source, []byte("package main\n\nimport _ \"userstatus/bench/hook\"\n"), 0o600); err != nil {
		return "", err
	}
	text := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(root, "hook_for_bench.go"), source)
	return overlay, os.WriteFile(overlay, []byte(text), 0o600)
}

// profile begins a CPU profile of our server, where asked for; what it returns
// waits for its end.
func (l *lab) profile(s *server, name string) (wait func()) {
	if l.profiles == "" || s.kind != ours {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.saveProfile(s, name); err != nil {
			fmt.Fprintln(os.Stderr, "bench: profile:", err)
		}
	}()
	return func() { <-done }
}

const profileSeconds = 2

func (l *lab) saveProfile(s *server, name string) error {
	if err := os.MkdirAll(l.profiles, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(l.profiles, name+".pprof"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return s.hook(fmt.Sprintf("/profile?seconds=%d", profileSeconds), file)
}
