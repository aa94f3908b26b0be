package main

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"userstatus/broadcast/natstest"
	"userstatus/db/pgtest"
)

// families are what a scrape gave, by name.
type families map[string]*dto.MetricFamily

func (p *program) scrape() families {
	p.t.Helper()
	code, header, body := p.get("/metrics")
	if code != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/plain") {
		p.t.Fatalf("/metrics answers %d, %s", code, header.Get("Content-Type"))
	}
	return parsedMetrics(p.t, body)
}

func parsedMetrics(t *testing.T, body string) families {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return all
}

// value is that of the series with the labels' values, or their sum without any;
// of a histogram how many it counted.
func (f families) value(name string, labels ...string) (sum float64) {
	for _, m := range f[name].GetMetric() {
		matches := true
		for _, value := range labels {
			matches = matches && slices.ContainsFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetValue() == value })
		}
		if matches {
			sum += m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// ours is the names of the service's own metrics, sorted.
func (f families) ours() (names []string) {
	for name := range f {
		if strings.HasPrefix(name, "userstatus_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// reading is a value that is waited for.
type reading struct {
	name  string
	label string
	want  float64
}

// reads waits until all of the metrics are at least that much more than before.
func (p *program) reads(before families, wanted ...reading) {
	p.t.Helper()
	var missing []reading
	defer func() {
		if p.t.Failed() {
			p.t.Logf("missing: %v", missing)
		}
	}()
	eventually(p.t, func() bool {
		now := p.scrape()
		missing = nil
		for _, r := range wanted {
			var labels []string
			if r.label != "" {
				labels = []string{r.label}
			}
			if now.value(r.name, labels...)-before.value(r.name, labels...) < r.want {
				missing = append(missing, r)
			}
		}
		return len(missing) == 0
	})
}

// legacy is a socket of the older subprotocol.
func (p *program) legacy(user string) *websocket.Conn {
	p.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-ws"}, HandshakeTimeout: patience}
	conn, _, err := dialer.DialContext(p.t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/graphql", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.WriteJSON(message{Type: "connection_init", Payload: map[string]string{"authorization": "Bearer " + mint(user)}}); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

// parts opens a multipart subscription.
func (p *program) parts(user string) {
	p.t.Helper()
	response, err := httpClient.Do(p.request(http.MethodPost, "/graphql", operation(`subscription{userStatusUpdated`+fields+`}`),
		"Content-Type: application/json", "Accept: multipart/mixed;subscriptionSpec=1.0", "Authorization: Bearer "+mint(user)))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = response.Body.Close() })
}

func TestMetricsMoveAsTheServiceIsUsed(t *testing.T) {
	t.Parallel()
	p := serving(t, "--jwt-secret="+goodSecret, "--database=sqlite:"+newDatabase(t), "--set-status-rate=3", "--max-connections-per-user=1")
	before := p.scrape()
	alice, bob := p.socket(t, "alice"), p.socket(t, "bob")
	p.legacy("carol")
	p.events(t, "dave", `subscription{userStatusUpdated`+fields+`}`)
	p.parts("erin")
	bob.do(subscribeTo("alice"))
	bob.watch()
	bob.until(func(s status) bool { return s.UserID == "alice" })
	alice.do(setText("seen"))
	bob.until(func(s status) bool { return s.CustomStatus == "seen" })

	_ = p.post(mint("frank"), `{`)
	_ = p.post(mint("frank"), `{nothing}`)
	_ = p.post(mint("frank"), `mutation{registerUsers(userIDList:["x"])`+failures+`}`)
	p.get("/graphql?query={__typename}", "Origin: https://elsewhere.example.com")
	p.get("/graphql?query={__typename}", "Authorization: Bearer no-token")
	p.get("/graphql")
	for range 5 {
		_ = p.post(mint("frank"), setText("again"))
	}
	_ = p.legacy("alice") // one too many
	p.reads(before,
		reading{"userstatus_connections", "websocket", 2}, reading{"userstatus_connections", "websocket-legacy", 1},
		reading{"userstatus_connections", "sse", 1}, reading{"userstatus_connections", "multipart", 1},
		reading{"userstatus_connections_accepted_total", "", 5}, reading{"userstatus_users_connected", "", 5}, reading{"userstatus_streams", "", 3},
		reading{"userstatus_operations_total", "subscription", 3}, reading{"userstatus_operations_total", "mutation", 7},
		reading{"userstatus_operations_total", "invalid", 1}, reading{"userstatus_errors_total", "GRAPHQL_PARSE_FAILED", 1},
		reading{"userstatus_errors_total", "GRAPHQL_VALIDATION_FAILED", 1}, reading{"userstatus_errors_total", "FORBIDDEN", 1},
		reading{"userstatus_errors_total", "RATE_LIMITED", 1}, reading{"userstatus_refused_total", "rate", 1},
		reading{"userstatus_refused_total", "origin", 1}, reading{"userstatus_refused_total", "token", 1},
		reading{"userstatus_refused_total", "bad-request", 1}, reading{"userstatus_refused_total", "connections", 1},
		reading{"userstatus_sockets_closed_total", "4429", 1}, reading{"userstatus_changes_total", "", 6},
		reading{"userstatus_updates_told_total", "", 3}, reading{"userstatus_delivery_seconds", "", 1},
		reading{"userstatus_write_seconds", "", 6}, reading{"userstatus_transaction_calls", "", 1},
	)
	now := p.scrape()
	for name, want := range map[string]float64{"userstatus_nodes_alive": 1, "userstatus_database_reachable": 1, "userstatus_build_info": 1, "userstatus_write_queue_capacity": 8192} {
		if got := now.value(name); got != want {
			t.Errorf("%s is %v in place of %v", name, got, want)
		}
	}
	if sum := now["userstatus_delivery_seconds"].Metric[0].Histogram.GetSampleSum(); sum <= 0 || sum > patience.Seconds() {
		t.Errorf("the deliveries took %v s", sum)
	}
	_ = alice.Close()
	p.reads(now, reading{"userstatus_sockets_closed_total", "", 1})
	eventually(t, func() bool {
		f := p.scrape()
		return f.value("userstatus_users_connected") == 4 && f.value("userstatus_connections", "websocket") == 1
	})
}

func TestWritesThatWaitAndUpdatesThatDoNotAreCounted(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p := onSecret(t, database)
	alice := p.socket(t, "alice")
	alice.watch()
	alice.news()
	others := []*socket{p.socket(t, "bob"), p.socket(t, "carol"), p.socket(t, "dave")}
	release := holdWrites(t, database)
	for _, s := range others {
		s.beginWrite()
	}
	eventually(t, func() bool { return p.scrape().value("userstatus_write_queue_length") >= 2 })
	release()
	for _, s := range others {
		if _, err := s.answerTo("1"); err != nil {
			t.Fatal(err)
		}
	}
	before := p.scrape()
	eventually(t, func() bool {
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() { _ = p.post(mint("alice"), setText(time.Now().String()[:30])) })
		}
		calls.Wait()
		return p.scrape().value("userstatus_updates_conflated_total") > before.value("userstatus_updates_conflated_total")
	})
}

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	p := onSecret(t, newDatabase(t), "--metrics-listen=127.0.0.1:0")
	if code, _, _ := p.get("/metrics"); code != http.StatusNotFound {
		t.Errorf("the public /metrics answers %d", code)
	}
	url, _ := p.logged("metrics are served")["url"].(string)
	response, err := httpClient.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || len(parsedMetrics(t, string(body)).ours()) == 0 {
		t.Errorf("%s, %v: %s", response.Status, err, body)
	}
	if response, err = httpClient.Get(strings.TrimSuffix(url, "/metrics") + "/graphql"); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("besides metrics there is %v, %v", response, err)
	}
	_ = response.Body.Close()
	p.terminate()
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestAWrongAddressForMetricsIsRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	taken := listener.Addr().String()
	for words, flag := range map[string]string{
		`--metrics-listen "here": it is not HOST:PORT`:                "here",
		`--metrics-listen "127.0.0.1:x": its port is not a number`:    "127.0.0.1:x",
		`--metrics-listen ":9090" lets in other machines`:             ":9090",
		`--metrics-listen "` + taken + `": listen tcp ` + taken + `:`: taken,
	} {
		refused(t, words, "--listen=127.0.0.1:0", "--database=sqlite:"+newDatabase(t), "--metrics-listen="+flag)
	}
}

// pair is two nodes on one Postgres and one NATS.
func pair(t *testing.T) (a, b *program, store *pgtest.Cluster) {
	t.Helper()
	store = newCluster(t)
	bus, err := natstest.Start(natstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	flags := []string{
		"--jwt-secret=" + goodSecret, "--database=" + store.Address("postgres"), "--nats=" + bus.URL(),
		"--webhook-url=http://127.0.0.1:1", "--webhook-secret=" + hookSecret, // where nobody takes them
	}
	return serving(t, flags...), serving(t, flags...), store
}

func TestMetricsOfSeveralNodes(t *testing.T) {
	t.Parallel()
	a, b, store := pair(t)
	bob := b.socket(t, "bob")
	a.do(mint("alice"), setText("first"))
	bob.do(subscribeTo("alice"))
	bob.watch()
	bob.until(func(s status) bool { return s.UserID == "alice" })
	before := b.scrape()
	a.do(mint("alice"), setText("from afar"))
	bob.until(func(s status) bool { return s.CustomStatus == "from afar" })
	b.reads(before, reading{"userstatus_delivery_seconds", "", 1}, reading{"userstatus_bus_messages_total", "received", 1})
	a.reads(families{}, reading{"userstatus_nodes_alive", "", 2}, reading{"userstatus_bus_connected", "", 1}, reading{"userstatus_bus_messages_total", "sent", 1},
		reading{"userstatus_webhooks_pending", "", 2}, reading{"userstatus_webhooks_oldest_seconds", "", 1e-9})
	b.reads(families{}, reading{"userstatus_nodes_alive", "", 2}, reading{"userstatus_bus_users", "", 2})
	checkDocumented(t, b.scrape())

	if err := store.Halt(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return b.scrape().value("userstatus_database_reachable") == 0 })
	if err := store.Resume(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return b.scrape().value("userstatus_database_reachable") == 1 })
}
