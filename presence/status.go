package presence

import "time"

// StatusType says whether a user is there.
type StatusType string

const (
	Unknown   StatusType = "UNKNOWN"
	Online    StatusType = "ONLINE"
	Offline   StatusType = "OFFLINE"
	Unlogined StatusType = "UNLOGINED"
)

// Availability says how approachable a user is.
type Availability string

const (
	Available Availability = "AVAILABLE"
	Away      Availability = "AWAY"
	Busy      Availability = "BUSY"
)

// Visibility says who may see a user.
type Visibility string

const (
	Everyone Visibility = "EVERYONE"
	Friends  Visibility = "FRIENDS"
	Nobody   Visibility = "NOBODY"
)

// UserStatus is what one may know of a user. It is state: the one with the
// higher Version is the current one. Times are UTC, to the millisecond.
type UserStatus struct {
	UserID                string
	StatusType            StatusType
	CustomStatus          string
	CustomStatusExpiresAt *time.Time
	LastOnlineAt          *time.Time
	Platforms             []string
	Availability          Availability
	Version               int
}

// Self is a user as nobody else sees them.
type Self struct {
	Status         *UserStatus
	Visibility     Visibility
	BlockedUserIDs []string
}

// UserStatusFailure is why a call did nothing for one user of its list.
type UserStatusFailure struct {
	UserID  string
	Code    int
	Message string
}

// UserStatusResult has each user asked for in one of its lists.
type UserStatusResult struct {
	SuccessUserList []*UserStatus
	FailureUserList []*UserStatusFailure
}

// SubscribeUserStatusResult has each user asked for in one of its lists.
type SubscribeUserStatusResult struct {
	SuccessUserList []*UserStatus
	FailureUserList []*UserStatusFailure
}

// UserListResult has the users for whom nothing was done.
type UserListResult struct {
	FailureUserList []*UserStatusFailure
}

// Settings are the switches of the whole service.
type Settings struct {
	UserStatusEnabled               bool
	FriendStatusNotificationEnabled bool
}

// DefaultSettings are in force until somebody flips a switch.
var DefaultSettings = Settings{UserStatusEnabled: true}
