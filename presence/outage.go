package presence

import (
	"sync"
	"time"
)

// outage is the time in which the store didn't answer.
type outage struct {
	mu           sync.Mutex
	since, until time.Time
}

// begin is true if the store answered until now.
func (o *outage) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	began := o.since.IsZero()
	if began {
		o.since = time.Now()
	}
	return began
}

// lasts is true while the store doesn't answer.
func (o *outage) lasts() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.since.IsZero()
}

// end returns how long the store was away that answers now.
func (o *outage) end(now time.Time) (away time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	away = now.Sub(o.since)
	o.since, o.until = time.Time{}, now
	return away
}

// more is how much longer a grace goes on: nobody could come back while the
// store was away, so that it begins anew once the store is back.
func (o *outage) more(grace time.Duration, now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.since.IsZero() {
		return max(grace, retryAfter)
	}
	return o.until.Add(grace).Sub(now)
}
