package webhook

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"userstatus/presence"
)

// waits are how long after each failure an event is sent again, the last one over
// and over.
var waits = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
	20 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

const (
	// DefaultGiveUpAfter is how long an event is sent again and again.
	DefaultGiveUpAfter = 24 * time.Hour
	// maxRetryAfter is how long a receiver may ask to wait.
	maxRetryAfter = time.Hour
)

// again is when to send an event again that failed now, or nil to give it up. The
// last attempt is when its time is over. Jitter from 0 to 1 keeps those apart that
// failed together.
func again(e presence.Event, now time.Time, retryAfter, giveUpAfter time.Duration, jitter float64) *time.Time {
	end := e.QueuedAt.Add(giveUpAfter)
	if !now.Before(end) {
		return nil
	}
	wait := waits[min(e.Attempts, len(waits)-1)]
	wait = max(retryAfter, time.Duration(float64(wait)*(0.8+0.4*jitter)))
	at := now.Add(wait)
	if at.After(end) {
		at = end
	}
	return &at
}

func jitter() float64 { return rand.Float64() }

// retryAfter reads the header, in seconds or as a date, and is 0 without it.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
