package presence

import (
	"context"
	"time"
)

// Outbox keeps each change of a status for the app's backend until that has
// taken it: a change and its event are committed together. The events of one user
// are a queue, in the order of their versions: only the first is ever due.
type Outbox interface {
	// Due is the first event of each of up to limit users whose queue is due by
	// now, the longest due first.
	Due(ctx context.Context, now time.Time, limit int) ([]Event, error)
	// NextDue is when Due will next have an answer, or nil.
	NextDue(ctx context.Context) (*time.Time, error)
	// Filled tells of events that this process has committed.
	Filled() <-chan struct{}
	// Delivered takes the event out; the user's next one is due at once.
	Delivered(ctx context.Context, e Event) error
	// Postpone has the user's queue be due at a time, after an attempt that failed
	// for a reason.
	Postpone(ctx context.Context, e Event, until time.Time, reason string) error
	// Hasten has all queues that wait after a failure be due at once.
	Hasten(ctx context.Context, now time.Time) error
	// SetAside takes the event out of the queue and keeps it; the user's next one
	// is due at once.
	SetAside(ctx context.Context, e Event, now time.Time, reason string) error

	// Backlog is how much there is in it.
	Backlog(ctx context.Context) (Backlog, error)
	// Aside is up to limit events that were set aside, the last first, after the
	// one with that ID.
	Aside(ctx context.Context, after string, limit int) ([]Event, error)
	// Resend puts events that were set aside back into their queues, due at once;
	// nil is all. It returns how many.
	Resend(ctx context.Context, ids []string, now time.Time) (int, error)
	// Discard forgets events that were set aside; nil is all. It returns how many.
	Discard(ctx context.Context, ids []string) (int, error)

	// Lead makes a node the one that delivers, unless another one is that which
	// isn't gone.
	Lead(ctx context.Context, node string) (bool, error)
}

// Event is a change on its way to the app's backend.
type Event struct {
	// ID is the event's alone, and the same at each attempt.
	ID     string
	Change StatusChange
	// Attempts is how often it was sent in vain, and LastError why the last time.
	Attempts  int
	LastError string
	// SetAsideAt is set once it waits for somebody to send it again.
	SetAsideAt *time.Time
}

// Backlog is how much there is in an outbox.
type Backlog struct {
	// Pending is how many events wait, Since when the oldest of them happened.
	Pending int
	Since   *time.Time
	// SetAside is how many were given up.
	SetAside int
}
