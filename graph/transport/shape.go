package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/admission"
	"userstatus/presence"
)

// shape is what streams have in common that were opened with the same
// document, operation and variables: one execution by gqlgen, whose bytes they
// all send. It is fed one changed user at a time, so it serves streams that
// watch different users too.
type shape struct {
	key  shapeKey
	refs int // guarded by Subscriptions.mu
	// memory is of the client who asked for it first.
	memory *admission.Reservation

	// ready is closed once the execution has begun or failed.
	ready   chan struct{}
	failure *graphql.Response
	// snapshot is the argument of userStatusUpdated.
	snapshot bool
	// head and tail are what a payload's data has around its list of users.
	head, tail []byte

	// last is what was asked for last.
	last atomic.Pointer[encoded]

	mu        sync.Mutex // one user is encoded at a time
	ctx       context.Context
	stop      context.CancelFunc
	feed      chan []*presence.UserStatus
	responses graphql.ResponseHandler
}

// shapeKey is everything that a payload's bytes depend on, but for the users.
type shapeKey struct{ document, operation, variables string }

func keyOf(op *graphql.OperationContext) (shapeKey, error) {
	variables, err := json.Marshal(op.Variables)
	return shapeKey{op.RawQuery, op.OperationName, string(variables)}, err
}

type shapeContext struct{}

// Feed is the source from which the execution of a shape gets the users to
// encode. It is what the resolver of userStatusUpdated returns.
func Feed(ctx context.Context, snapshot bool) (<-chan []*presence.UserStatus, error) {
	s, ok := ctx.Value(shapeContext{}).(*shape)
	if !ok {
		return nil, presence.Errorf(presence.BadUserInput, "a subscription needs a transport that streams: WebSocket, SSE or multipart")
	}
	s.snapshot = snapshot
	return s.feed, nil
}

// begin starts the execution and learns from an empty list what surrounds one.
func (s *shape) begin(exec graphql.GraphExecutor, op *graphql.OperationContext) {
	defer close(s.ready)
	op.Headers = nil // they belong to one client
	s.feed = make(chan []*presence.UserStatus, 1)
	s.ctx, s.stop = context.WithCancel(context.WithValue(context.Background(), shapeContext{}, s))
	s.responses, s.ctx = exec.DispatchOperation(s.ctx, op)
	s.feed <- []*presence.UserStatus{}
	response := s.responses(s.ctx)
	head, tail, ok := splitEmpty(response)
	if !ok {
		s.failure = response
		s.stop()
		return
	}
	s.head, s.tail = head, tail
}

// splitEmpty takes the data of an empty list apart: `{"alias":[` and `]}`.
func splitEmpty(r *graphql.Response) (head, tail []byte, ok bool) {
	if r == nil || len(r.Errors) > 0 || !bytes.HasSuffix(r.Data, []byte("[]}")) {
		return nil, nil, false
	}
	cut := len(r.Data) - len("]}")
	return bytes.Clone(r.Data[:cut]), bytes.Clone(r.Data[cut:]), true
}

// encoded is an update in the form of a shape: an element of a payload's list,
// or, where the execution had errors, a whole payload that says so.
type encoded struct {
	of              *presence.Update
	element, failed []byte
}

// encode gives the bytes of an update, made at most once for each shape. Most
// streams of a shape ask for the same one after each other.
func (s *shape) encode(u *presence.Update) *encoded {
	if last := s.last.Load(); last != nil && last.of == u {
		return last
	}
	bytes := u.Memo(s, func() any { return s.execute(u) }).(*encoded)
	s.last.Store(bytes)
	return bytes
}

func (s *shape) execute(u *presence.Update) *encoded {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feed <- []*presence.UserStatus{&u.Status}
	response := s.responses(s.ctx)
	inside, found := bytes.CutPrefix(response.Data, s.head)
	inside, ended := bytes.CutSuffix(inside, s.tail)
	if found && ended && len(response.Errors) == 0 {
		return &encoded{of: u, element: bytes.Clone(inside)}
	}
	failed, err := json.Marshal(response)
	if err != nil {
		failed = []byte(`{"data":null,"errors":[{"message":"internal error"}]}`)
	}
	return &encoded{of: u, failed: failed}
}

// Subscriptions opens streams in the form that their clients ask for. It keeps
// a shape for as long as a stream has it, so there are never more shapes than
// open streams.
type Subscriptions struct {
	// Measure, Admission and Admit are set before the first Open, if at all.
	// Admit waits until what op reads at its start may run.
	Measure   Measure
	Admission *admission.Control
	Admit     func(ctx context.Context, op *graphql.OperationContext) (done func(), err error)

	exec    graphql.GraphExecutor
	service *presence.Service
	// payloads lends what a payload is put together with.
	payloads sync.Pool
	mu       sync.Mutex
	shapes   map[shapeKey]*shape
}

// NewSubscriptions makes the place where all transports open their streams.
func NewSubscriptions(exec graphql.GraphExecutor, service *presence.Service) *Subscriptions {
	s := &Subscriptions{exec: exec, service: service, shapes: map[shapeKey]*shape{}}
	s.payloads.New = func() any { return s.newPayload() }
	return s
}

// take returns the shape of an operation, begun if it is the first of its kind:
// then it takes memory of the client who asks for it.
func (s *Subscriptions) take(ctx context.Context, op *graphql.OperationContext) (*shape, error) {
	key, err := keyOf(op)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	found := s.shapes[key]
	if found == nil {
		made := &shape{key: key, refs: 1, ready: make(chan struct{}), memory: s.Admission.Reserve(ctx)}
		if !made.memory.Grow(key.size()) {
			s.mu.Unlock()
			return nil, errNoMemory
		}
		s.shapes[key] = made
		s.mu.Unlock()
		made.begin(s.exec, op)
		return made, nil
	}
	found.refs++
	s.mu.Unlock()
	<-found.ready
	return found, nil
}

func (s *Subscriptions) release(shape *shape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shape.refs--
	if shape.refs == 0 {
		delete(s.shapes, shape.key)
		shape.memory.Free()
		shape.stop()
	}
}
