package metrics

import (
	"sync"
	"time"

	"userstatus/presence"
)

// shown is the share of delays that Figures has within its delays.
const shown = 0.99

// last is what was read for the last Figures.
type last struct {
	mu              sync.Mutex
	at              time.Time
	told, changes   uint64
	delivery, write tallied
}

// Figures is how this node fares, since it was asked last. It is for one caller,
// and all zero before Watch.
func (m *Metrics) Figures() presence.Figures {
	sources := m.sources.Load()
	if sources == nil {
		return presence.Figures{}
	}
	counts := sources.Counts()
	streams, _ := sources.Streams()
	f := presence.Figures{Connections: counts.Connections, Streams: streams, Users: counts.Users}
	now := last{at: time.Now(), told: m.told(), changes: counts.Changes}
	now.delivery, _ = m.delivery.read()
	now.write, _ = m.write.read()
	m.last.mu.Lock()
	defer m.last.mu.Unlock()
	m.last.compare(&now, &f)
	return f
}

// compare puts into f what has come between, and goes on from now.
func (l *last) compare(now *last, f *presence.Figures) {
	if passed := now.at.Sub(l.at).Seconds(); passed > 0 {
		f.UpdatesPerSecond = float64(now.told-l.told) / passed
		f.ChangesPerSecond = float64(now.changes-l.changes) / passed
	}
	f.DeliveryDelay = now.delivery.since(l.delivery).quantile(shown)
	f.WriteDelay = now.write.since(l.write).quantile(shown)
	l.at, l.told, l.changes, l.delivery, l.write = now.at, now.told, now.changes, now.delivery, now.write
}
