package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

var metricName = regexp.MustCompile(`userstatus_[a-z_]+[a-z]`)

// checkDocumented sees that docs/metrics.md has a row for each metric there is,
// of its type, and for no other; and that the dashboard and the alerts use no other.
func checkDocumented(t *testing.T, all families) {
	t.Helper()
	text := readFile(t, "docs/metrics.md")
	rows := regexp.MustCompile("(?m)^\\| `(userstatus_[a-z_]+)` \\| (\\w+) \\|").FindAllStringSubmatch(text, -1)
	var documented []string
	for _, row := range rows {
		documented = append(documented, row[1])
		if kind := strings.ToLower(all[row[1]].GetType().String()); all[row[1]] != nil && kind != row[2] {
			t.Errorf("%s is a %s, and documented as a %s", row[1], kind, row[2])
		}
	}
	slices.Sort(documented)
	if !slices.Equal(documented, all.ours()) {
		t.Errorf("documented are\n%q, and there are\n%q", documented, all.ours())
	}
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	for _, file := range []string{"deploy/grafana.json", "deploy/alerts.yml", "deploy/alerts_test.yml"} {
		used := map[string]bool{}
		for _, name := range metricName.FindAllString(readFile(t, file), -1) {
			used[name] = true
			if all[name] == nil && all[suffix.ReplaceAllString(name, "")].GetType() != dto.MetricType_HISTOGRAM {
				t.Errorf("%s uses %s, which there is not", file, name)
			}
		}
		for _, name := range documented {
			histogram := used[name+"_bucket"] || used[name+"_sum"]
			if file == "deploy/grafana.json" && !used[name] && !histogram {
				t.Errorf("the dashboard doesn't show %s", name)
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheDashboardHoldsTogether(t *testing.T) {
	t.Parallel()
	var board struct {
		Title  string
		Panels []struct {
			ID      int
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct {
				Expr       string
				Datasource struct{ UID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, "deploy/grafana.json")), &board); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %+v", p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			if target.Datasource.UID != "${datasource}" || target.Expr == "" {
				t.Errorf("target %+v", target)
			}
		}
	}
}

// promtool is the path of Prometheus' own.
func promtool(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("promtool"); err == nil {
		return path
	}
	path, err := filepath.Abs("bin/promtool")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		unable(t, err)
	}
	return path
}

func TestPromtoolFindsNothing(t *testing.T) {
	t.Parallel()
	tool := promtool(t)
	p := onSecret(t, newDatabase(t))
	_, _, body := p.get("/metrics")
	for _, c := range []struct{ stdin, args string }{
		{body, "check metrics"}, {"", "check rules deploy/alerts.yml"}, {"", "test rules deploy/alerts_test.yml"},
	} {
		cmd := exec.CommandContext(t.Context(), tool, strings.Fields(c.args)...)
		cmd.Stdin = strings.NewReader(c.stdin)
		out, err := cmd.CombinedOutput()
		if err != nil || c.stdin != "" && len(out) > 0 {
			t.Errorf("promtool %s: %v\n%s", c.args, err, out)
		}
	}
}
