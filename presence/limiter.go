package presence

import (
	"sync"
	"time"
)

// limiter is a token bucket for each user, as large as its rate in seconds.
type limiter struct {
	rate    float64
	mu      sync.Mutex
	buckets map[string]bucket
	// prune is the number of buckets at which those that are full again go.
	prune int
}

type bucket struct {
	tokens float64
	at     time.Time
}

const minPrune = 1024

func newLimiter(rate int) *limiter {
	return &limiter{rate: float64(rate), buckets: map[string]bucket{}, prune: minPrune}
}

// allow takes a token from the user's bucket, if there is one.
func (l *limiter) allow(userID string, now time.Time) bool {
	if l.rate == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[userID]
	if !ok {
		l.makeRoom(now)
		b = bucket{tokens: l.rate, at: now}
	}
	b = b.filled(now, l.rate)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	l.buckets[userID] = b
	return true
}

func (b bucket) filled(now time.Time, rate float64) bucket {
	tokens := b.tokens + rate*max(0, now.Sub(b.at).Seconds())
	return bucket{tokens: min(rate, tokens), at: now}
}

// makeRoom drops buckets that are as good as new, each time their number has doubled.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < l.prune {
		return
	}
	for id, b := range l.buckets {
		if b.filled(now, l.rate).tokens >= l.rate {
			delete(l.buckets, id)
		}
	}
	l.prune = max(minPrune, 2*len(l.buckets))
}
