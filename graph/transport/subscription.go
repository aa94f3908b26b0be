package transport

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/presence"
)

// Subscription is one open stream of statuses, in the form that its client
// asked for.
type Subscription struct {
	all    *Subscriptions
	shape  *shape
	stream presence.Stream
	once   sync.Once
}

// Open starts a subscription that op asks for on behalf of ctx's viewer. On
// failure the response that says why is returned instead. wake is called when
// AppendPayload has something after it had nothing: it must not block, and may
// come before Open has returned.
func (s *Subscriptions) Open(ctx context.Context, op *graphql.OperationContext, wake func()) (*Subscription, *graphql.Response) {
	subscription, failed := s.open(ctx, op, wake)
	if failed == nil { // what fails has its span from the executor
		_, end := s.Measure.span(ctx, string(op.Operation.Operation), op.Operation.Name, op.Stats.OperationStart)
		end("")
	}
	return subscription, failed
}

func (s *Subscriptions) open(ctx context.Context, op *graphql.OperationContext, wake func()) (*Subscription, *graphql.Response) {
	if _, ok := presence.ViewerFrom(ctx); !ok {
		return nil, s.refuse(ctx, op, presence.Errorf(presence.Unauthenticated, "sign in first: a subscription needs a token"))
	}
	if !selectsStream(op) {
		return nil, s.refuse(ctx, op, presence.Errorf(presence.BadUserInput, "there is nothing to subscribe to: @skip or @include leaves the subscription without a field"))
	}
	done, err := s.admit(ctx, op)
	if err != nil {
		return nil, s.refuse(ctx, op, err)
	}
	defer done()
	shape, err := s.take(ctx, op)
	if err != nil {
		return nil, s.refuse(ctx, op, err)
	}
	if shape.failure != nil {
		s.release(shape)
		return nil, shape.failure
	}
	stream, err := s.service.Open(ctx, shape.snapshot, wake)
	if err != nil {
		s.release(shape)
		return nil, s.refuse(ctx, op, err)
	}
	return &Subscription{all: s, shape: shape, stream: stream}, nil
}

func (s *Subscriptions) admit(ctx context.Context, op *graphql.OperationContext) (done func(), err error) {
	if s.Admit == nil {
		return func() {}, nil
	}
	return s.Admit(ctx, op)
}

// selectsStream is false where directives leave nothing of the operation.
func selectsStream(op *graphql.OperationContext) bool {
	return len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})) > 0
}

func (s *Subscriptions) refuse(ctx context.Context, op *graphql.OperationContext, err error) *graphql.Response {
	return s.exec.DispatchError(graphql.WithOperationContext(ctx, op), gqlerror.List{gqlerror.Wrap(err)})
}

// payload is what a payload is put together with. It is lent to one at a time,
// mostly on the same processor, so that those who count don't meet.
type payload struct {
	updates []*presence.Update
	tally   Tally
}

func (s *Subscriptions) newPayload() *payload {
	if s.Measure.NewTally == nil {
		return &payload{}
	}
	return &payload{tally: s.Measure.NewTally()}
}

func (p *payload) count() {
	if p.tally != nil && len(p.updates) > 0 {
		p.tally.Payload(p.updates)
	}
}

// AppendPayload appends one payload with all that waits, `{"data":…}`, and is
// false if nothing does. It must not run twice at a time, nor during or after Close.
func (s *Subscription) AppendPayload(to []byte) ([]byte, bool) {
	lent := s.all.payloads.Get().(*payload)
	lent.updates = s.stream.Take(lent.updates[:0])
	to = s.appendUpdates(to, lent.updates)
	lent.count()
	waited := len(lent.updates) > 0
	clear(lent.updates)
	s.all.payloads.Put(lent)
	return to, waited
}

func (s *Subscription) appendUpdates(to []byte, updates []*presence.Update) []byte {
	start := len(to)
	to = append(to, `{"data":`...)
	to = append(to, s.shape.head...)
	for i, u := range updates {
		bytes := s.shape.encode(u)
		if bytes.failed != nil {
			return append(to[:start], bytes.failed...)
		}
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, bytes.element...)
	}
	to = append(to, s.shape.tail...)
	return append(to, '}')
}

// Close ends the subscription. Closing twice does nothing more.
func (s *Subscription) Close() {
	s.once.Do(func() {
		s.stream.Close()
		s.all.release(s.shape)
	})
}
