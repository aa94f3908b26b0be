// Package admission lets in what clients ask for, within limits for each
// address and for all together, so that no client can starve the others.
package admission

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"time"
)

// The limits where Options say nothing else.
const (
	// DefaultMemory is in bytes: what the operations that are read, wait, or are
	// answered may hold together.
	DefaultMemory = 256 << 20
	// DefaultPlaces is how many calls may wait for their turn to be run, and as
	// many to write.
	DefaultPlaces = 8_192
	// DefaultPatience is how long a call waits for its turn.
	DefaultPatience = 10 * time.Second
	// DefaultWrites is how many calls wait together for the store's commits.
	DefaultWrites = 1_024
	// DefaultCost is what operations that run may cost together, for each
	// processor: two of the dearest.
	DefaultCost = 50_000
)

// noticeEvery is how often the log tells of the same kind of refusal.
const noticeEvery = time.Minute

// Why a client is refused.
const (
	// RefusedAddress holds as much as is left for all others.
	RefusedAddress = "address"
	// RefusedFull finds no room at all.
	RefusedFull = "full"
	// RefusedBusy has too many calls waiting, or waited too long.
	RefusedBusy = "busy"
	// RefusedMemory asks for more than there is memory for at the moment.
	RefusedMemory = "memory"
)

// Options are what admission depends on.
type Options struct {
	// MaxConnections is how many connections may be open in all, an address having
	// at most as many as are still free; 0 is no limit.
	MaxConnections int
	// TrustedProxies are addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Memory is in bytes, Places a number of calls, for Patience, Writes a number
	// of calls, and Cost what operations cost together. 0 is the default of each.
	Memory, Places, Writes, Cost int64
	Patience                     time.Duration
	// Refused is told one of the reasons above; nil for nobody.
	Refused func(reason string)
	Log     *slog.Logger
}

// Control is the limits of one server. A nil Control limits nothing.
type Control struct {
	addresses Addresses
	// connections are those of TCP, forwarded what comes through trusted proxies.
	connections, forwarded *Share
	memory                 *Share
	reads, writes          *Queue
	refused                func(reason string)
	log                    *slog.Logger

	mu     sync.Mutex
	noted  map[string]time.Time
	number map[string]int // refusals since they were noted
}

// New makes the limits of one server.
func New(o Options) (*Control, error) {
	addresses, err := NewAddresses(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if o.Refused == nil {
		o.Refused = func(string) {}
	}
	o.Memory, o.Places = cmp.Or(o.Memory, DefaultMemory), cmp.Or(o.Places, DefaultPlaces)
	o.Writes, o.Cost = cmp.Or(o.Writes, DefaultWrites), cmp.Or(o.Cost, DefaultCost*int64(runtime.GOMAXPROCS(0)))
	o.Patience = cmp.Or(o.Patience, DefaultPatience)
	return &Control{
		addresses:   addresses,
		connections: NewShare(int64(o.MaxConnections)),
		forwarded:   NewShare(int64(o.MaxConnections)),
		memory:      NewShare(o.Memory),
		reads:       NewQueue(o.Cost, o.Places, o.Patience),
		writes:      NewQueue(o.Writes, o.Places, o.Patience),
		refused:     o.Refused,
		log:         o.Log,
		noted:       map[string]time.Time{},
		number:      map[string]int{},
	}, nil
}

// ErrTooManyConnections is of a client who has its share of connections.
var ErrTooManyConnections = errors.New("too many connections are open from your address: try again later")

// Admit finds out which client a request is from, and counts it among what is
// open for that client where a proxy forwards it: a connection of its own was
// counted when it was accepted. done ends the request, unless it was kept.
func (c *Control) Admit(r *http.Request) (admitted *http.Request, done func(), err error) {
	if c == nil {
		return r, func() {}, nil
	}
	client, proxied := c.addresses.Of(r)
	from := &caller{client: client, done: func() {}}
	if proxied {
		if verdict := c.forwarded.Take(client, 1); verdict != Taken {
			c.refusedConnection(verdict, client)
			return r, nil, ErrTooManyConnections
		}
		from.done = sync.OnceFunc(func() { c.forwarded.Give(client, 1) })
	}
	done = func() {
		if !from.kept {
			from.done()
		}
	}
	return r.WithContext(context.WithValue(r.Context(), clientKey{}, from)), done, nil
}

// Read returns when an operation that costs so much may run, or with a reason
// why it may not. done ends it.
func (c *Control) Read(ctx context.Context, cost int) (done func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	return c.enter(ctx, c.reads, int64(cost))
}

// Write is Read for what waits for the store to commit, so many rules at a time.
func (c *Control) Write(ctx context.Context, calls int) (done func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	return c.enter(ctx, c.writes, int64(calls))
}

func (c *Control) enter(ctx context.Context, q *Queue, cost int64) (func(), error) {
	client := ClientOf(ctx)
	err := q.Enter(ctx, client, cost)
	if errors.Is(err, ErrQueueFull) || errors.Is(err, ErrTooLong) {
		c.note(RefusedBusy, client, "a client's calls wait for their turn in too great a number or for too long, and are refused", "places", q.places.capacity, "patience", q.patience.String())
	}
	return func() { q.Leave(cost) }, err
}

func (c *Control) refusedConnection(verdict Verdict, client netip.Addr) {
	if verdict == Full {
		c.note(RefusedFull, client, "as many connections are open as --max-connections lets in: new ones are refused")
		return
	}
	c.note(RefusedAddress, client, "an address has as many connections open as are left for all others: new ones of it are refused; if it is a proxy, name it by --trusted-proxy")
}

// note counts a refusal, and tells the log of it now and then.
func (c *Control) note(reason string, client netip.Addr, message string, args ...any) {
	c.refused(reason)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.number[reason]++
	if time.Since(c.noted[reason]) < noticeEvery {
		return
	}
	held, used := c.connections.Held(client)
	c.log.Warn(message, append(args, "address", client.String(), "refused", c.number[reason], "connections_of_address", held, "connections", used)...)
	c.noted[reason], c.number[reason] = time.Now(), 0
}
