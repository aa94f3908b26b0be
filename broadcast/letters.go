package broadcast

import (
	"slices"
	"sync"
	"time"

	"userstatus/presence"
)

const (
	// maxLetters is how many letters wait at most, on their way out as on their
	// way in.
	maxLetters = 65_536
	// maxOthers is how many viewers a letter names before it means all.
	maxOthers = 1_000
)

// address is what a letter is about and where it goes: of letters with one
// address, one waits.
type address struct {
	kind         presence.NoticeKind
	userID, node string
}

// letter is one piece of news between nodes: a status, or a notice.
type letter struct {
	address
	status *presence.UserStatus
	// The others are those of the update or the notice.
	after                    int
	others                   []string
	audienceBefore, audience int
	// committedAt is when a status was committed, by the clock of the node it is
	// of; zero where that isn't known.
	committedAt time.Time
}

func newsOf(u *presence.Update) letter {
	return letter{address: address{kind: kindOf(u), userID: u.Status.UserID}, status: &u.Status, after: u.After, audience: u.Audience, committedAt: u.CommittedAt}
}

// kindOf keeps what must not stand for the other apart: a last status, and one
// that isn't for everybody.
func kindOf(u *presence.Update) presence.NoticeKind {
	switch {
	case u.Final:
		return finalNews
	case u.Audience != 0:
		return narrowNews
	}
	return statusNews
}

func (l letter) update() *presence.Update {
	return &presence.Update{
		Status: *l.status, Final: l.kind == finalNews, After: l.after, Audience: l.audience,
		CommittedAt: byThisClock(l.committedAt, time.Now()),
	}
}

// byThisClock is a moment of another node's clock as one of this one's: of
// clocks that differ, it comes to be no later than now.
func byThisClock(at, now time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return now.Add(-max(0, now.Sub(at)))
}

func noticeOf(n presence.Notice) letter {
	return letter{
		address: address{kind: n.Kind, userID: n.UserID}, after: n.After, others: n.Others,
		audienceBefore: n.AudienceBefore, audience: n.Audience,
	}
}

func (l letter) notice() presence.Notice {
	return presence.Notice{
		Kind: l.kind, UserID: l.userID, Others: l.others, After: l.after,
		AudienceBefore: l.audienceBefore, Audience: l.audience,
	}
}

// merge makes one letter of two with the same address.
func merge(a, b letter) letter {
	if a.status != nil {
		return newest(a, b)
	}
	if a.audience > b.audience {
		a, b = b, a
	}
	others := union(a.others, b.others)
	if a.audience < b.audienceBefore {
		others = nil // nobody knows for whom it changed in between
	}
	b.after, b.others, b.audienceBefore = min(a.after, b.after), others, min(a.audienceBefore, b.audienceBefore)
	return b
}

// newest is the newer status. It stands for both where nothing else lies
// between them, and then is after what the older one was after.
func newest(older, newer letter) letter {
	if older.status.Version > newer.status.Version {
		older, newer = newer, older
	}
	if newer.after <= older.status.Version {
		newer.after = min(newer.after, older.after)
	}
	return newer
}

// union is of viewers, where nil is all of them.
func union(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	both := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(both, id) {
			both = append(both, id)
		}
	}
	if len(both) > maxOthers {
		return nil
	}
	return both
}

// letters is a queue in which news of the same conflate: it never holds more
// than what is worth telling.
type letters struct {
	mu      sync.Mutex
	filled  sync.Cond
	waiting map[address]*letter
	order   []*letter
	closed  bool
}

func newLetters() *letters {
	q := &letters{waiting: map[address]*letter{}}
	q.filled.L = &q.mu
	return q
}

// put adds a letter, and is false if there is no room for it.
func (q *letters) put(l letter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if there := q.waiting[l.address]; there != nil {
		*there = merge(*there, l)
		return true
	}
	if len(q.order) >= maxLetters && l.kind != presence.NewsMissed {
		return false
	}
	q.waiting[l.address] = &l
	q.order = append(q.order, &l)
	q.filled.Signal()
	return true
}

// take is the first letter, if there is one.
func (q *letters) take() (letter, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.order) == 0 {
		return letter{}, false
	}
	return q.first(), true
}

// await is the first letter, once there is one; false is the end.
func (q *letters) await() (letter, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.order) == 0 && !q.closed {
		q.filled.Wait()
	}
	if q.closed {
		return letter{}, false
	}
	return q.first(), true
}

func (q *letters) first() letter {
	l := q.order[0]
	q.order[0] = nil
	q.order = q.order[1:]
	delete(q.waiting, l.address)
	if len(q.order) == 0 { // neither gives its memory back by itself
		q.order, q.waiting = nil, map[address]*letter{}
	}
	return *l
}

// close ends await.
func (q *letters) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
