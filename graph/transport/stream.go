package transport

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/admission"
	"userstatus/presence"
)

// serveStream keeps a subscription open until the client goes, their token
// ends, the server stops, or they log out. Its user is ONLINE meanwhile.
func (h *HTTP) serveStream(ctx context.Context, w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, op *graphql.OperationContext, in media, memory *admission.Reservation) {
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	connection, err := connect(ctx, h.Admission, h.Presence, platformOf(r), func(string) { end() })
	if errors.Is(err, presence.ErrTooManyConnections) || errors.Is(err, errBusy) {
		h.refuseFor(w, r, err)
		return
	}
	if err != nil {
		answer(w, in, exec.DispatchError(graphql.WithOperationContext(ctx, op), gqlerror.List{gqlerror.Wrap(err)}))
		return
	}
	tell(h.Measure.Opened, in.transport())
	defer tell(h.Measure.Closed, in.transport())
	silent := false
	defer func() { lose(connection, silent) }()

	news := make(chan struct{}, 1)
	subscription, failed := h.Subscriptions.Open(presence.WithConnection(ctx, connection), op, func() { notify(news) })
	if failed != nil {
		answer(w, in, failed)
		return
	}
	defer subscription.Close()

	viewer, _ := presence.ViewerFrom(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stream{framing: framings[in], w: w, control: http.NewResponseController(w), timeout: h.WriteTimeout, memory: memory, end: cancel}
	token := &streamToken{viewer.ExpiresAt, h.Heartbeat, cancel}
	defer h.wheel.add(token, token.next(time.Now())).cancel()
	defer h.streams.remove(s)
	if !h.streams.add(s) {
		s.end()
	}
	if s.open(r) == nil {
		err := h.pump(ctx, s, subscription, news, ended)
		silent = errors.Is(err, os.ErrDeadlineExceeded)
		h.Measure.cutOff(err)
	}
}

func lose(c *presence.Connection, silent bool) {
	if silent {
		c.TimeOut()
		return
	}
	c.Close()
}

func notify(news chan<- struct{}) {
	select {
	case news <- struct{}{}:
	default:
	}
}

// pump writes what there is to tell until the stream ends; without its last
// event unless the user ended it.
func (h *HTTP) pump(ctx context.Context, s *stream, subscription *Subscription, news, ended <-chan struct{}) (err error) {
	heartbeat := time.NewTicker(h.Heartbeat)
	defer heartbeat.Stop()
	for err == nil {
		select {
		case <-news:
			err = s.next(subscription)
		case <-heartbeat.C:
			err = s.write([]byte(s.heartbeat))
		case <-ended:
			if s.next(subscription) == nil {
				_ = s.write([]byte(s.complete))
			}
			return nil
		case <-ctx.Done():
			s.interrupt()
			return nil
		}
	}
	return err
}

// streamToken ends a stream when its token expires. It comes round now and then,
// so that what is left on the wheel of one that has ended soon goes.
type streamToken struct {
	expiresAt time.Time
	round     time.Duration
	end       func()
}

func (t *streamToken) fire(now time.Time) time.Time {
	if now.Before(t.expiresAt) {
		return t.next(now)
	}
	t.end()
	return time.Time{}
}

func (t *streamToken) next(now time.Time) time.Time {
	if soon := now.Add(t.round); soon.Before(t.expiresAt) {
		return soon
	}
	return t.expiresAt
}

// stream writes to one client. Every write has a deadline: a client that does
// not read is gone when it has passed.
type stream struct {
	framing
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	buf     []byte
	// memory is reserved for what is being written.
	memory *admission.Reservation
	// end has the stream end without its last event. It doesn't wait.
	end func()
}

// maxKept is how large a buffer a stream keeps between payloads.
const maxKept = 4 << 10

func (s *stream) open(r *http.Request) error {
	if r.ProtoMajor == 1 {
		// The last deadline stays with the connection: no second request goes over it.
		s.w.Header().Set("Connection", "close")
	}
	s.start(s.w)
	return s.write([]byte(s.opening))
}

// next writes all that waits as one payload.
func (s *stream) next(subscription *Subscription) error {
	frame, ok := s.appendNext(s.buf[:0], subscription.AppendPayload)
	if s.buf = frame; cap(frame) > maxKept {
		s.buf = nil
		if !s.memory.Grow(cap(frame)) {
			return errBacklog
		}
		defer s.memory.Free()
	}
	if !ok {
		return nil
	}
	return s.write(frame)
}

func (s *stream) write(frame []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timeout))
	if _, err := s.w.Write(frame); err != nil {
		return err
	}
	return s.control.Flush()
}

// interrupt leaves time to end the response, though not the stream.
func (s *stream) interrupt() {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timeout))
}
