package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"userstatus/presence"
)

const (
	// pollInterval is how often a node looks whether it leads, and what is due that
	// others have put into the outbox, or that has waited long enough.
	pollInterval = time.Second
	// leadTime is how long a node that leads goes on without being told so anew. It
	// is shorter than others take to see that it is gone.
	leadTime = 3 * time.Second
	// maxBusy is how many events are under way, those included whose outcome is yet
	// to be kept.
	maxBusy = 4 * maxFlying
	// fetchSize is how many events are taken from the outbox at a time.
	fetchSize = 2 * maxFlying
)

// Options are what a Sender is made of.
type Options struct {
	// URL is of http or https. Its userinfo is sent as basic authorization.
	URL *url.URL
	// Secrets sign each request, all of them, so that a receiver can change from one
	// to the next; at least one.
	Secrets []Secret
	Outbox  presence.Outbox
	// Lead is true while this node is the one that delivers.
	Lead func(context.Context) (bool, error)
	Log  *slog.Logger
	// Version is the program's.
	Version string
	// GiveUpAfter is how long an event is sent again before it is set aside; 0 is
	// DefaultGiveUpAfter.
	GiveUpAfter time.Duration
	// Transport carries the requests; nil is one of its own.
	Transport http.RoundTripper
	Observer  Observer
}

// Observer hears of what becomes of events. Its functions may be nil, and must not
// block.
type Observer struct {
	// Delivered is told how long after the change that was.
	Delivered func(delay time.Duration)
	// Failed is told of each attempt that failed.
	Failed   func()
	SetAside func()
}

// Sender delivers what is in the outbox, while its node leads.
type Sender struct {
	Options
	client *http.Client
	// sending ends when Close has waited enough.
	sending context.Context
	cutOff  context.CancelFunc

	stopping chan struct{}
	ended    chan struct{}
	results  chan result
	jobs     chan job
	kept     chan job
}

// Start makes a sender and sets it going. Close ends it.
func Start(o Options) *Sender {
	s := newSender(o)
	go s.keep()
	go newDesk(s).run()
	return s
}

func newSender(o Options) *Sender {
	s := &Sender{
		Options: o, stopping: make(chan struct{}), ended: make(chan struct{}),
		results: make(chan result, maxFlying), jobs: make(chan job, 1), kept: make(chan job, 1),
	}
	if s.GiveUpAfter == 0 {
		s.GiveUpAfter = DefaultGiveUpAfter
	}
	if s.Transport == nil {
		s.Transport = newTransport()
	}
	s.client = &http.Client{Transport: s.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.sending, s.cutOff = context.WithCancel(context.Background())
	return s
}

// newTransport is as Go has it, but keeps as many connections as there are
// requests under way.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = maxFlying
	t.ResponseHeaderTimeout = timeout
	t.MaxResponseHeaderBytes = maxHead
	t.DisableCompression = true // a little that is packed may be much
	return t
}

// Close starts no more requests and waits for those under way, until ctx ends:
// what is cut off then is sent again by the next who delivers. It returns when all
// of the sender's goroutines have ended.
func (s *Sender) Close(ctx context.Context) {
	close(s.stopping)
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
	s.cutOff()
	<-s.ended
	s.client.CloseIdleConnections()
}

// job is what to write down in the outbox: outcomes, and then, where the receiver
// has come back, that nothing need wait.
type job struct {
	outcomes []presence.Outcome
	hasten   bool
}

// keep does one job after the other, each until it is done, or the sender ends.
func (s *Sender) keep() {
	for j := range s.jobs {
		var trouble outage
		for {
			err := s.do(j)
			if err == nil || s.sending.Err() != nil {
				trouble.end(s.Log)
				break
			}
			trouble.begin(s.Log, err)
			s.pause(pollInterval)
		}
		s.kept <- j
	}
	close(s.kept)
}

func (s *Sender) do(j job) error {
	if len(j.outcomes) > 0 {
		if err := s.Outbox.Settle(s.sending, time.Now(), j.outcomes); err != nil {
			return err
		}
	}
	if j.hasten {
		return s.Outbox.Hasten(s.sending, time.Now())
	}
	return nil
}

func (s *Sender) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.sending.Done():
	}
}
