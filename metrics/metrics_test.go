package metrics

import (
	"bytes"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"userstatus/presence"
)

// station is metrics with sources that stand still.
type station struct {
	*Metrics
	counts presence.Counts
}

func newStation() *station {
	s := &station{Metrics: New(Build{"1.2.3", "go1", "abc"})}
	s.counts = presence.Counts{Connections: 3, Users: 2, Nodes: 2, Changes: 5, MadeUp: 4}
	s.Watch(Sources{
		Counts:   func() presence.Counts { return s.counts },
		Streams:  func() (int, uint64) { return 6, 7 },
		Queue:    func() (int, int) { return 8, 9 },
		Webhooks: func() Webhooks { return Webhooks{Known: true, Pending: 14, SetAside: 15, Oldest: 16 * time.Second} },
		Bus:      func() Bus { return Bus{Connected: true, Users: 10, Sent: 11, Received: 12, Dropped: 13} },
	})
	return s
}

func (s *station) scrape(t *testing.T) (text string, families map[string]*dto.MetricFamily) {
	t.Helper()
	answer := httptest.NewRecorder()
	s.Handler(slog.New(slog.DiscardHandler)).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err = parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return string(body), families
}

func committed(ago ...time.Duration) (updates []*presence.Update) {
	for _, d := range ago {
		updates = append(updates, &presence.Update{CommittedAt: time.Now().Add(-d)})
	}
	return updates
}

// use has each thing happen that is measured.
func (s *station) use() {
	for _, transport := range transports {
		s.Opened(transport)
		s.Opened(transport)
		s.Closed(transport)
	}
	for _, reason := range refusals {
		s.Refused(reason)
	}
	s.RateLimited()
	s.QueueFull()
	for _, reason := range cutOffs {
		s.CutOff(reason)
	}
	for _, kind := range kinds {
		s.Operation(kind)
	}
	for _, code := range codes {
		s.Failed(code)
	}
	for _, code := range []int{0, 1000, 1001, 1002, 1007, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4999} {
		s.SocketClosed(code)
	}
	s.Waited(time.Millisecond)
	s.Shared(3)
	s.WebhookDelivered(time.Second)
	s.WebhookFailed()
	s.WebhookSetAside()
	s.Tally().Payload(append(committed(2*time.Second, -time.Second), presence.NewUpdate(presence.UserStatus{})))
}

func TestEachMetricMoves(t *testing.T) {
	s := newStation()
	s.use()
	_, families := s.scrape(t)
	seen := 0
	for name, family := range families {
		if !strings.HasPrefix(name, "userstatus_") {
			continue
		}
		seen++
		for _, m := range family.Metric {
			if m.GetGauge().GetValue()+m.GetCounter().GetValue()+float64(m.GetHistogram().GetSampleCount()) == 0 {
				t.Errorf("%s %v is 0", name, m.Label)
			}
		}
	}
	if seen != 30 {
		t.Errorf("%d metrics", seen)
	}
	delivery := families["userstatus_delivery_seconds"].Metric[0].Histogram
	if sum := delivery.GetSampleSum(); delivery.GetSampleCount() != 2 || sum < 2 || sum > 2.5 {
		t.Errorf("%d deliveries took %v s", delivery.GetSampleCount(), sum)
	}
	if told := families["userstatus_updates_told_total"].Metric[0].Counter.GetValue(); told != 3 {
		t.Errorf("%v were told", told)
	}
}

func TestNoLabelGrows(t *testing.T) {
	s := newStation()
	s.use()
	before, _ := s.scrape(t)
	for code := range 5000 {
		s.SocketClosed(code)
	}
	after, _ := s.scrape(t)
	ours := func(text string) int { return strings.Count(text, "\nuserstatus_") }
	if ours(before) != ours(after) {
		t.Errorf("%d series became %d", ours(before), ours(after))
	}
}

func TestFiguresAreOfTheTimeSinceTheLastOnes(t *testing.T) {
	m := New(Build{})
	if got := m.Figures(); got != (presence.Figures{}) {
		t.Errorf("before all: %+v", got)
	}
	s := newStation()
	s.last.at = time.Now().Add(-10 * time.Second)
	for range 100 {
		s.Tally().Payload(committed(30 * time.Millisecond))
		s.Waited(2 * time.Millisecond)
	}
	f := s.Figures()
	if f.Connections != 3 || f.Users != 2 || f.Streams != 6 {
		t.Errorf("got %+v", f)
	}
	if f.UpdatesPerSecond < 9 || f.UpdatesPerSecond > 10 || f.ChangesPerSecond < .4 || f.ChangesPerSecond > .5 {
		t.Errorf("rates of %+v", f)
	}
	if f.DeliveryDelay < .025 || f.DeliveryDelay > .05 || f.WriteDelay < .001 || f.WriteDelay > .0025 {
		t.Errorf("delays of %+v", f)
	}
	s.counts.Connections = 1
	if f = s.Figures(); f != (presence.Figures{Connections: 1, Streams: 6, Users: 2}) {
		t.Errorf("then nothing happened: %+v", f)
	}
}

func TestCountingAPayloadAllocatesNothing(t *testing.T) {
	tally, updates := New(Build{}).Tally(), committed(time.Second, time.Millisecond)
	if n := testing.AllocsPerRun(100, func() { tally.Payload(updates) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkPayload is what one update costs that is told by itself.
func BenchmarkPayload(b *testing.B) {
	m := New(Build{})
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		tally, updates := m.Tally(), committed(time.Millisecond)
		for p.Next() {
			tally.Payload(updates)
		}
	})
}
