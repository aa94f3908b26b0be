package webhook

import (
	"time"

	"userstatus/presence"
)

// desk is where it is decided what is sent when. All of it belongs to one
// goroutine.
type desk struct {
	*Sender
	gate   gate
	record record
	outbox outage
	lead   leadership

	// busy is whose events are under way, until their outcome is kept; flying is how
	// many of these are yet to be answered.
	busy   map[string]bool
	flying int
	// ready is what is due, more is true where there may be more of it.
	ready []presence.Event
	more  bool
	// next is the job to be done, keeping is true while another one is.
	next    job
	keeping bool
	stopped bool
}

func newDesk(s *Sender) *desk {
	return &desk{Sender: s, gate: newGate(), busy: map[string]bool{}, record: record{log: s.Log.With("host", s.URL.Host)}}
}

// run ends with Close, once nothing is under way.
func (d *desk) run() {
	defer close(d.ended)
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	stopping := d.stopping
	d.look()
	for d.work(); !d.over(); d.work() {
		select {
		case <-poll.C:
			d.look()
		case <-d.Outbox.Filled():
			d.more = true
		case r := <-d.results:
			d.note(r)
		case j := <-d.kept:
			d.forget(j)
		case <-stopping:
			d.stopped, stopping = true, nil
		}
	}
	close(d.jobs)
	<-d.kept
}

func (d *desk) over() bool { return d.stopped && len(d.busy) == 0 && !d.keeping }

// look sees whether this node leads.
func (d *desk) look() {
	if d.stopped {
		return
	}
	d.more = true
	began := time.Now()
	leads, err := d.Lead(d.sending)
	switch {
	case err != nil:
		d.outbox.begin(d.Log, err)
	case leads:
		d.next.hasten = d.lead.take(d.Log, began.Add(leadTime)) || d.next.hasten
	default:
		d.outbox.end(d.Log)
		d.lead.leave(d.Log)
		d.ready = nil
	}
}

// work has outcomes kept, and sends what may be sent.
func (d *desk) work() {
	if !d.keeping && (len(d.next.outcomes) > 0 || d.next.hasten) {
		d.jobs <- d.next
		d.next, d.keeping = job{}, true
	}
	for d.mayStart() && d.fetch() {
		d.start()
	}
}

func (d *desk) mayStart() bool {
	now := time.Now()
	return !d.stopped && d.lead.holds(now) && len(d.busy) < maxBusy && d.gate.room(now, d.flying) > 0
}

// fetch is true where something is ready. While the gate is shut that is whatever
// will be due first: it finds out whether the receiver is back.
func (d *desk) fetch() bool {
	if len(d.ready) > 0 || !d.more {
		return len(d.ready) > 0
	}
	by, limit := time.Now(), len(d.busy)+fetchSize
	if d.gate.shut {
		by, limit = by.Add(d.GiveUpAfter), len(d.busy)+1
	}
	events, err := d.Outbox.DueEvents(d.sending, by, limit)
	if err != nil {
		d.more = false // until the next look
		d.outbox.begin(d.Log, err)
		return false
	}
	d.outbox.end(d.Log)
	d.more = len(events) == limit
	for _, e := range events {
		if !d.busy[e.Change.UserID] {
			d.ready = append(d.ready, e)
		}
	}
	return len(d.ready) > 0
}

func (d *desk) start() {
	e := d.ready[0]
	d.ready = d.ready[1:]
	d.busy[e.Change.UserID] = true
	d.flying++
	go func() { d.results <- d.attempt(e) }()
}

// note takes in what an attempt came to.
func (d *desk) note(r result) {
	d.flying--
	if r.abandoned {
		delete(d.busy, r.event.Change.UserID)
		return
	}
	now, o := time.Now(), presence.Outcome{Event: r.event}
	if f := r.failure; f != nil {
		o.Failure, o.Again = f.reason, again(r.event, now, f.retryAfter, d.GiveUpAfter, jitter())
		d.gate.failed(now, r.event.Change.UserID, f)
		d.record.failed(now, f)
		call(d.Observer.Failed)
	} else {
		d.next.hasten = d.gate.succeeded(now) || d.next.hasten
		d.record.succeeded(now)
		if d.Observer.Delivered != nil {
			d.Observer.Delivered(now.Sub(r.event.Change.At))
		}
	}
	d.next.outcomes = append(d.next.outcomes, o)
}

// forget lets go of events whose outcomes are kept. Who has more of them is due.
func (d *desk) forget(j job) {
	d.keeping, d.more = false, true
	for _, o := range j.outcomes {
		delete(d.busy, o.Event.Change.UserID)
		if o.Failure != "" && o.Again == nil {
			d.record.setAside(o)
			call(d.Observer.SetAside)
		}
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}
