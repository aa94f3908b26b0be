package presence

import (
	"context"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Service is made of. Limits of 0 are no limits.
type Options struct {
	Store       Store
	Broadcaster Broadcaster
	Log         *slog.Logger
	// NodeName names this process among those that share the store; no other that
	// lives may have the name. It has no slash.
	NodeName string
	// Alone says that no other process can share the store.
	Alone bool
	// OfflineGrace is how long a user whose last connection was lost stays ONLINE.
	OfflineGrace time.Duration
	// SetStatusRate is how many of their own changes a user may make a second.
	SetStatusRate         int
	MaxSubscriptions      int
	MaxConnectionsPerUser int

	// HistoryTime is how long changes are kept that the store has in its history.
	HistoryTime time.Duration
	// Outbox is what waits for the app's backend; nil where nothing ever did.
	Outbox Outbox
	// WebhooksEnabled says that changes are put into the outbox.
	WebhooksEnabled bool
	// Measure, if not nil, says how this node fares. It is called with each beat.
	Measure func() Figures
	// RateLimited, if not nil, hears of each change that SetStatusRate refuses.
	RateLimited func()
}

// Service is the user status service: every call of the API, and what happens
// by itself. A call's viewer is in its context.
type Service struct {
	Options
	settings  atomic.Pointer[Settings]
	settingMu sync.Mutex
	sessions  sessions
	changes   *limiter
	lists     lockSet
	expiry    chan struct{}
	draining  atomic.Bool

	nodeID atomic.Pointer[string]
	// lastBeat is when the store last heard of this node, whatever the clock was
	// set to since; nil before the first time.
	lastBeat atomic.Pointer[time.Time]
	roll     roll
	outage   outage
	// moving is set while sessions may be under an ID that this node had before.
	moving atomic.Bool
	// clearing is held while the sessions of a node that is gone are ended.
	clearing  sync.Mutex
	comparing comparison
	samples   samples
	counters  counters

	// background ends with Close, which waits for all that is running.
	background context.Context
	stop       context.CancelFunc
	closeMu    sync.Mutex
	running    sync.WaitGroup
}

// Start makes a service and sets going what happens by itself: statuses that
// expire, and the sessions that a crash left behind. Close ends it.
func Start(ctx context.Context, o Options) (*Service, error) {
	s := &Service{Options: o, changes: newLimiter(o.SetStatusRate), expiry: make(chan struct{}, 1)}
	s.comparing.missed = make(chan struct{}, 1)
	s.background, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.nodeID.Store(new(string))
	s.Broadcaster.Listen(s.hear)
	if err := s.loadSettings(ctx); err != nil {
		return nil, err
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	s.running.Go(s.expireStatuses)
	s.running.Go(s.live)
	s.running.Go(s.prune)
	if !s.Alone {
		s.running.Go(s.compare)
		s.running.Go(s.assure)
	}
	return s, nil
}

// Close ends what happens by itself. Users who are ONLINE stay so in the
// store, and have their grace to come back once a service starts again.
func (s *Service) Close() {
	s.closeMu.Lock()
	s.stop()
	s.closeMu.Unlock()
	s.sessions.stopTimers()
	s.running.Wait()
	s.leave()
}

// Drain is for a service that is about to stop: from now on nobody becomes
// OFFLINE because their connection goes, so that all have their grace to come
// back once a service starts again.
func (s *Service) Drain() { s.draining.Store(true) }

// Ready is nil while the service can serve.
func (s *Service) Ready(ctx context.Context) error { return s.Store.Ping(ctx) }

// change alters one user by a rule, and tells of it.
func (s *Service) change(ctx context.Context, userID string, rule func(u *User, now time.Time) error) (*User, error) {
	var before marks
	u, err := s.Store.Update(ctx, userID, func(u *User) error {
		before = marksOf(u)
		return rule(u, time.Now())
	})
	if err != nil {
		return nil, err
	}
	s.tell(u, before)
	return u, nil
}

// changeAll is change for those of many users who exist, in one transaction.
func (s *Service) changeAll(ctx context.Context, userIDs []string, rule func(u *User, now time.Time)) ([]*User, error) {
	before := map[string]marks{}
	users, err := s.Store.UpdateAll(ctx, userIDs, func(u *User) error {
		before[u.ID] = marksOf(u)
		rule(u, time.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		s.tell(u, before[u.ID])
	}
	return users, nil
}

// marks is where a user's versions and faces were before a change.
type marks struct {
	version, issued, audience int
	fromFriends, fromOthers   *Face
}

func marksOf(u *User) marks {
	return marks{u.Version, u.Issued, u.Audience, u.HiddenFromFriends, u.HiddenFromStrangers}
}

// tell hands a committed change on to those who may see it. Of a change behind a
// hidden face nobody hears who sees that; where a face changed too, everybody
// looks at what they see.
func (s *Service) tell(u *User, before marks) {
	if u.Version != before.version {
		s.counters.changes.Add(1)
	}
	switch {
	case u.HiddenFromFriends != before.fromFriends || u.HiddenFromStrangers != before.fromOthers:
		s.tellFaceChanged(u, nil, before)
	case u.Version != before.version:
		s.Broadcaster.Publish(&Update{Status: *s.own(u), After: before.issued, Audience: u.narrowed(), CommittedAt: time.Now()})
	}
}

// tellFaceChanged has each of others look at what they see of the user from now
// on; nil is everybody.
func (s *Service) tellFaceChanged(u *User, others []string, before marks) {
	s.Broadcaster.Announce(Notice{
		Kind: FaceChanged, UserID: u.ID, Others: others,
		After: before.issued, AudienceBefore: before.audience, Audience: u.Audience,
	})
}

// own is the true status, as its owner may know it.
func (s *Service) own(u *User) *UserStatus {
	status := u.Status()
	status.Platforms = s.platforms(u)
	return &status
}

// platforms is those of the user's live connections, on this node by its own
// knowledge, on others by the store's. In the grace of the last one they stay.
func (s *Service) platforms(u *User) []string {
	if u.StatusType != Online {
		return nil
	}
	here := s.sessions.platforms(u.ID)
	var all []string
	for _, session := range u.Sessions {
		if NodeName(session.Node) != s.NodeName && !s.roll.find(session.Node).node.Gone {
			all = append(all, session.Platforms...)
		}
	}
	if len(all) == 0 {
		return here
	}
	return slices.Compact(slices.Sorted(slices.Values(append(all, here...))))
}

// update is what a viewer may know, as news.
func (s *Service) update(v *View) *Update {
	return &Update{Status: *s.shown(v), Audience: v.User.Audience, Hidden: !v.sees()}
}

// shown is what a viewer may know, as of now.
func (s *Service) shown(v *View) *UserStatus {
	if v.sees() {
		return s.own(v.User)
	}
	status := v.Status()
	return &status
}

// lockSet has a lock for each key, shared by keys that fall together.
type lockSet [256]sync.Mutex

func (l *lockSet) of(key string) *sync.Mutex { return &l[hash(key)%uint64(len(l))] }

var hashSeed = maphash.MakeSeed()

func hash(key string) uint64 { return maphash.String(hashSeed, key) }
