package presence

import "time"

// ChangeReason is why a user's status changed.
type ChangeReason string

const (
	// ReasonRegistered: the user was heard of for the first time.
	ReasonRegistered ChangeReason = "REGISTERED"
	// ReasonLogin: their first connection came.
	ReasonLogin ChangeReason = "LOGIN"
	// ReasonLogout: they logged out.
	ReasonLogout ChangeReason = "LOGOUT"
	// ReasonSessionsEnded: an admin ended their connections.
	ReasonSessionsEnded ChangeReason = "SESSIONS_ENDED"
	// ReasonConnectionLost: their last connection broke off, or was closed, or its
	// node went down, and they did not come back within the grace.
	ReasonConnectionLost ChangeReason = "CONNECTION_LOST"
	// ReasonTimeout: the same of a connection that gave no sign of life.
	ReasonTimeout ChangeReason = "TIMEOUT"
	// ReasonCustomStatusSet: they, or an admin, set the text.
	ReasonCustomStatusSet ChangeReason = "CUSTOM_STATUS_SET"
	// ReasonExpired: the text's time had come.
	ReasonExpired ChangeReason = "EXPIRED"
	// ReasonAvailabilitySet: they said how approachable they are.
	ReasonAvailabilitySet ChangeReason = "AVAILABILITY_SET"
	// ReasonIdleness: all of their devices became idle, or one no longer is.
	ReasonIdleness ChangeReason = "IDLENESS"
	// ReasonRemoved: the user was removed.
	ReasonRemoved ChangeReason = "REMOVED"
)

// ChangeReasons is all of them.
var ChangeReasons = []ChangeReason{
	ReasonRegistered, ReasonLogin, ReasonLogout, ReasonSessionsEnded, ReasonConnectionLost, ReasonTimeout,
	ReasonCustomStatusSet, ReasonExpired, ReasonAvailabilitySet, ReasonIdleness, ReasonRemoved,
}

// StatusChange is one change of a user's true status, as it is after it. With
// UserID, Version names it.
type StatusChange struct {
	UserID  string
	Version int
	// Previous is the version of the user's change before this one, or 0.
	Previous int
	// At is to the millisecond, UTC.
	At                    time.Time
	Reason                ChangeReason
	OldStatusType         StatusType
	StatusType            StatusType
	CustomStatus          string
	CustomStatusExpiresAt *time.Time
	Availability          Availability
}

// note keeps a change that has its version already.
func (u *User) note(now time.Time, reason ChangeReason, before StatusType) {
	if before != u.StatusType {
		u.StatusSince = moment(now)
	}
	change := changeTo(u.Status(), now, reason, before)
	change.Previous, u.Changed = u.Changed, u.Version
	u.Changes = append(u.Changes, change)
}

func changeTo(s UserStatus, now time.Time, reason ChangeReason, before StatusType) StatusChange {
	return StatusChange{
		UserID: s.UserID, Version: s.Version, At: *moment(now), Reason: reason,
		OldStatusType: before, StatusType: s.StatusType,
		CustomStatus: s.CustomStatus, CustomStatusExpiresAt: s.CustomStatusExpiresAt, Availability: s.Availability,
	}
}

// of is the reason as it shows: where somebody comes or goes who has other
// sessions, what changed is whether all are idle.
func (r ChangeReason) of(before, after UserStatus) ChangeReason {
	switch r {
	case ReasonLogin, ReasonLogout, ReasonSessionsEnded, ReasonConnectionLost, ReasonTimeout:
		if before.StatusType == after.StatusType {
			return ReasonIdleness
		}
	}
	return r
}
