package webhook

import (
	"log/slog"
	"time"

	"userstatus/presence"
)

// quiet is how long it is at least between two streaks of failures that the log
// tells of: a few events that the receiver does not take must not fill it.
const quiet = time.Minute

// record tells the operator how the receiver fares.
type record struct {
	log *slog.Logger
	// since is when the streak began, failures how many it has; told says that the
	// log has it.
	since    time.Time
	failures int
	told     bool
	toldAt   time.Time
	goneAt   time.Time
}

// failed tells of the first failure of a streak.
func (r *record) failed(now time.Time, f *failure) {
	if r.failures == 0 {
		r.since = now
	}
	r.failures++
	if f.gone && now.Sub(r.goneAt) >= quiet {
		r.goneAt = now
		r.log.Error("the receiver says that it wants no webhooks any more (410): they are sent again all the same; start without a webhook URL to end it")
	}
	if r.told || now.Sub(r.toldAt) < quiet {
		return
	}
	r.told, r.toldAt = true, now
	r.log.Warn("the receiver does not take webhooks: they are kept and sent again", "event", f.id, "error", f.reason)
}

func (r *record) succeeded(now time.Time) {
	if r.told {
		r.log.Info("the receiver takes webhooks again", "after", now.Sub(r.since).Round(time.Millisecond), "failures", r.failures)
	}
	r.failures, r.told = 0, false
}

func (r *record) setAside(o presence.Outcome) {
	r.log.Error("a webhook was given up and set aside", "event", o.Event.ID, "user", o.Event.Change.UserID, "version", o.Event.Change.Version,
		"attempts", o.Event.Attempts+1, "error", o.Failure)
}

// outage is a time in which the outbox did not answer.
type outage struct{ since time.Time }

func (o *outage) begin(log *slog.Logger, err error) {
	if o.since.IsZero() {
		o.since = time.Now()
		log.Error("webhooks wait for the database", "error", err)
	}
}

func (o *outage) end(log *slog.Logger) {
	if !o.since.IsZero() {
		log.Info("webhooks have the database back", "after", time.Since(o.since).Round(time.Millisecond))
		o.since = time.Time{}
	}
}

// leadership is until when this node leads.
type leadership struct {
	leads bool
	until time.Time
}

func (l *leadership) holds(now time.Time) bool { return now.Before(l.until) }

// take is true where this node did not lead until now. Then nothing need wait: it may
// have been started with another receiver's address.
func (l *leadership) take(log *slog.Logger, until time.Time) (new bool) {
	new = !l.leads
	if l.leads, l.until = true, until; new {
		log.Info("this node sends the webhooks")
	}
	return new
}

func (l *leadership) leave(log *slog.Logger) {
	if l.leads {
		log.Info("another node sends the webhooks from now on")
	}
	*l = leadership{}
}
