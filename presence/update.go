package presence

import (
	"sync"
	"time"
)

// Update is a status on its way to the streams. All of them share it, so it
// never changes; what it costs to encode is remembered with it, and goes when
// the last stream has let go of it.
type Update struct {
	Status UserStatus
	// After is the user's mark before this change: whoever knows all up to there
	// knows all with it.
	After int
	// Audience is the user's as of this status; 0 where everybody may be told who
	// watches the user. Others are told by Publish if they are known to see the
	// user since then, or since later.
	Audience int
	// Hidden is true where the status is what somebody sees who may not see the
	// user. It is never published.
	Hidden bool
	// Final is true for the last status of a user who is removed: nobody
	// watches them any more once they are told.
	Final bool
	// CommittedAt is when the change was committed, by this node's clock; zero
	// where the status was read and no change is told of.
	CommittedAt time.Time

	mu   sync.Mutex
	memo map[any]any
}

// NewUpdate makes the update that tells of status as it was read.
func NewUpdate(status UserStatus) *Update { return &Update{Status: status} }

// Memo returns what make made for key, which it does once for all streams.
func (u *Update) Memo(key any, make func() any) any {
	u.mu.Lock()
	defer u.mu.Unlock()
	if made, ok := u.memo[key]; ok {
		return made
	}
	made := make()
	if u.memo == nil {
		u.memo = map[any]any{}
	}
	u.memo[key] = made
	return made
}
