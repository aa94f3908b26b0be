package presence

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Service is made of. Limits of 0 are no limits.
type Options struct {
	Store       Store
	Broadcaster Broadcaster
	Log         *slog.Logger
	// Node names this process in the store; no other that lives may have the name.
	Node string
	// OfflineGrace is how long a user whose last connection was lost stays ONLINE.
	OfflineGrace time.Duration
	// SetStatusRate is how many of their own changes a user may make a second.
	SetStatusRate         int
	MaxSubscriptions      int
	MaxConnectionsPerUser int
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
	s.background, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.Broadcaster.Listen(s.hear)
	if err := s.loadSettings(ctx); err != nil {
		return nil, err
	}
	left, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	s.running.Go(s.expireStatuses)
	s.running.Go(s.beat)
	s.running.Go(func() { s.clearNodes(left) })
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
	var before int
	u, err := s.Store.Update(ctx, userID, func(u *User) error {
		before = u.Version
		return rule(u, time.Now())
	})
	if err != nil {
		return nil, err
	}
	if u.Version != before {
		s.tell(u)
	}
	return u, nil
}

// tell hands a committed change on to those who may see it.
func (s *Service) tell(u *User) {
	if u.Open() {
		status := u.Status()
		s.Broadcaster.Publish(NewUpdate(*s.live(&status)))
		return
	}
	s.Broadcaster.Announce(Notice{Kind: FaceChanged, UserID: u.ID})
}

// live adds what only the nodes know of a user.
func (s *Service) live(status *UserStatus) *UserStatus {
	status.Platforms = s.sessions.platforms(status.UserID)
	return status
}

// shown is what a viewer may know, as of now.
func (s *Service) shown(v *View) *UserStatus {
	status := v.Status()
	if v.sees() {
		return s.live(&status)
	}
	return &status
}

// lockSet has a lock for each key, shared by keys that fall together.
type lockSet [256]sync.Mutex

func (l *lockSet) of(key string) *sync.Mutex { return &l[hash(key)%uint64(len(l))] }

var hashSeed = maphash.MakeSeed()

func hash(key string) uint64 { return maphash.String(hashSeed, key) }
