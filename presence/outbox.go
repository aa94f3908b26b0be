package presence

import (
	"context"
	"time"
)

// Outbox keeps each change of a status for the app's backend until that has
// taken it: a change and its event are committed together. The events of one user
// are a queue, in the order of their versions: only the first is ever due.
type Outbox interface {
	// DueEvents is the first event of each of up to limit users whose queue is due
	// by a time, the longest due first.
	DueEvents(ctx context.Context, by time.Time, limit int) ([]Event, error)
	// Filled tells of events that this process has committed, or sent again.
	Filled() <-chan struct{}
	// Settle keeps what became of attempts, each of another user's first event, in
	// one transaction. To settle the same ones again does no harm.
	Settle(ctx context.Context, now time.Time, outcomes []Outcome) error
	// Hasten has all queues that wait after a failure be due at once.
	Hasten(ctx context.Context, now time.Time) error

	// Backlog is how much there is in it.
	Backlog(ctx context.Context) (Backlog, error)
	// Aside is up to limit events that were set aside, the last to happen first,
	// after the one with that ID, which need not be there any more.
	Aside(ctx context.Context, after string, limit int) ([]Event, error)
	// Resend puts events that were set aside back into their queues, due at once
	// and as if they had not been sent yet; nil is all. It returns how many.
	Resend(ctx context.Context, ids []string, now time.Time) (int, error)
	// Discard forgets events that were set aside; nil is all. It returns how many.
	Discard(ctx context.Context, ids []string) (int, error)

	// Lead makes a node the one that delivers, unless another one is that which
	// isn't gone, or the node itself counts as gone.
	Lead(ctx context.Context, node string) (bool, error)
}

// Event is a change on its way to the app's backend.
type Event struct {
	// ID is the event's alone, and the same at each attempt. IDs sort by when the
	// changes happened.
	ID     string
	Change StatusChange
	// QueuedAt is when it was put into its queue: when it happened, or was sent again.
	QueuedAt time.Time
	// Attempts is how often it was sent in vain since then, and LastError why the
	// last time.
	Attempts  int
	LastError string
	// SetAsideAt is set once it waits for somebody to send it again.
	SetAsideAt *time.Time
}

// Outcome is what became of an attempt to deliver an event. One that was delivered
// leaves the queue, and so does one that is set aside: then the user's next is due
// at once.
type Outcome struct {
	Event Event
	// Failure is why it failed; empty where it was delivered.
	Failure string
	// Again is when one that failed is due again; nil sets it aside.
	Again *time.Time
}

// Backlog is how much there is in an outbox.
type Backlog struct {
	// Pending is how many events wait, counted up to MaxBacklog, Since when the
	// oldest of them happened.
	Pending int
	Since   *time.Time
	// SetAside is how many were given up, counted up to MaxBacklog.
	SetAside int
}

// MaxBacklog is up to where events are counted that wait: behind a receiver that
// is gone for good there may be any number.
const MaxBacklog = 1_000_000
