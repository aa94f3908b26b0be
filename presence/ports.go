package presence

import (
	"context"
	"errors"
	"time"
)

// Store keeps users and what lies between them. What a call has returned
// without error survives kill -9 and power loss; what it returned an error for
// has not happened, not even in part, unless that is ErrInDoubt. It is safe for
// concurrent use, and concurrent writers share a transaction. A store whose
// queue of writers is full answers RateLimited. The functions it is given must
// be quick, must not call the store, and may run more than once: what they note
// outside of the users they are given, they note by assignment.
type Store interface {
	// Update lets change alter one user and keeps the outcome. The user is as
	// committed so far, with Exists false where there is none; a user that
	// still does not exist after change is not made. An error of change is
	// returned as it is, fails this call alone, and keeps nothing.
	Update(ctx context.Context, userID string, change func(*User) error) (*User, error)
	// UpdateAll is Update of many users in one transaction; it returns those
	// that exist, in the order asked.
	UpdateAll(ctx context.Context, userIDs []string, change func(*User) error) ([]*User, error)
	// UpdateViews lets change alter how each of the others sees the user, and how
	// the user sees them, in one transaction. Others that don't exist are passed
	// over. It returns the pairs as they are after it, in the order asked; the
	// user not existing is no error and no pair.
	UpdateViews(ctx context.Context, userID string, others []string, change func(theirs, mine *View) error) ([]Pair, error)

	// Views is what viewer may see of each of the users that exist, by ID.
	Views(ctx context.Context, viewer string, userIDs []string) (map[string]*View, error)
	// ViewsOf is what each of the viewers may see of the user, by viewer; empty
	// where the user does not exist.
	ViewsOf(ctx context.Context, userID string, viewers []string) (map[string]*View, error)
	// User is one user, with Exists false where there is none.
	User(ctx context.Context, userID string) (*User, error)

	// Subscribe adds those of the users that exist to the viewer's list, in the
	// order given, while the list has fewer than limit (0: no limit). It returns
	// those that don't exist, and those for which the list was full. What changes
	// a list, here and in Unsubscribe, moves the viewer's Mark by User.issue.
	Subscribe(ctx context.Context, viewer string, userIDs []string, limit int) (missing, refused []string, err error)
	// Unsubscribe takes users from the viewer's list; nil takes all.
	Unsubscribe(ctx context.Context, viewer string, userIDs []string) error
	// Subscriptions is the viewer's list, in the order of IDs.
	Subscriptions(ctx context.Context, viewer string) ([]string, error)
	// Friends is who is a friend of the user, in the order of IDs.
	Friends(ctx context.Context, userID string) ([]string, error)
	// Blocked is whom the user has blocked, in the order of IDs.
	Blocked(ctx context.Context, userID string) ([]string, error)
	// Remove takes users away with all that lies between them and others, after
	// remove has made each one's last status. It returns those that existed. A
	// user made anew later goes on above the version given out last.
	Remove(ctx context.Context, userIDs []string, remove func(*User)) ([]string, error)
	// PruneRemoved forgets the last version of up to limit users who were removed
	// and not made anew, where it is below a version, and returns how many these were.
	PruneRemoved(ctx context.Context, below, limit int) (int, error)

	// Users is up to limit users that exist whose IDs begin with prefix, in the
	// order of IDs, after one of them; "" is from the beginning, here and in Related.
	Users(ctx context.Context, prefix, after string, limit int) ([]string, error)
	// Related is up to limit of a user's list, in the order of IDs, after one of
	// them, and how many are on it.
	Related(ctx context.Context, list UserList, userID, after string, limit int) (ids []string, total int, err error)
	// CountOnline is how many users have a session.
	CountOnline(ctx context.Context) (int, error)
	// History is up to limit of a user's changes, the newest first, from the one
	// with the version from; 0 is the last. It goes with the user.
	History(ctx context.Context, userID string, from, limit int) ([]StatusChange, error)
	// PruneHistory looks at the limit changes with the lowest versions, forgets
	// those from before a time, and returns how many these were. Versions follow the
	// clock: who ran ahead of it by many changes has them kept a little longer.
	PruneHistory(ctx context.Context, before time.Time, limit int) (int, error)

	// Settings are the switches; DefaultSettings until the first SaveSettings.
	Settings(ctx context.Context) (Settings, error)
	// UpdateSettings lets change alter the switches and returns the outcome.
	UpdateSettings(ctx context.Context, change func(*Settings)) (Settings, error)

	// Due is up to limit users for whom expire has something to do by now.
	Due(ctx context.Context, now time.Time, limit int) ([]string, error)
	// DueViews is up to limit pairs for whom View.expire has something to do by now.
	DueViews(ctx context.Context, now time.Time, limit int) ([]PairID, error)
	// NextDue is when Due or DueViews will next have an answer, or nil.
	NextDue(ctx context.Context) (*time.Time, error)

	// Enter makes a node known. One that goes by a name that another node bears,
	// which doesn't count as gone, is refused with that one's ID.
	Enter(ctx context.Context, node Node) (bearer string, err error)
	// Beat says that a node lives, and how it fares, and is false where the node isn't known or
	// counts as gone: then it must enter anew, under another ID. It waits for no
	// other writer's lock.
	Beat(ctx context.Context, node string, now time.Time, figures Figures) (known bool, err error)
	// Bury has a node count as gone whose last beat was at beatAt; it is false
	// where the node has beaten since.
	Bury(ctx context.Context, node string, beatAt time.Time) (bool, error)
	// Nodes is every node that has entered and wasn't forgotten, and every other
	// one that has a session, as gone, by ID.
	Nodes(ctx context.Context) ([]Node, error)
	// SessionsOf is up to limit users with a session on the node.
	SessionsOf(ctx context.Context, node string, limit int) ([]string, error)
	// Forget drops a node that has no sessions left.
	Forget(ctx context.Context, node string) error

	// Marks is by what one sees that something about a user has changed, by ID.
	// Of those whom nobody has heard of there is none.
	Marks(ctx context.Context, userIDs []string) (map[string]Mark, error)
	// ClusterKey is a secret that all who share the store have in common: random,
	// and the same for ever. It is letters and digits.
	ClusterKey(ctx context.Context) (string, error)
	// Ping is nil when the store can serve.
	Ping(ctx context.Context) error
}

// ErrInDoubt is of a call during whose commit the store broke off: it may have
// happened, in whole, or not.
var ErrInDoubt = errors.New("the commit broke off, and may have been kept")

// Node is one process that serves, from its start to its end.
type Node struct {
	// ID is of this process alone, Name what its operator calls it.
	ID, Name string
	// BeatAt is when it last said that it lives, by its own clock. It is zero for
	// a node of which nothing but sessions is known.
	BeatAt time.Time
	// Gone is true once the node has left, or was taken for dead. It won't beat again.
	Gone bool
	// Figures is how it fared then.
	Figures Figures
}

// Mark is how far a user has changed.
type Mark struct {
	// Exists is false for a user who was removed.
	Exists bool
	// Issued and LogoutVersion are the User's.
	Issued, LogoutVersion int
}

// Pair is how two users see each other.
type Pair struct {
	// Theirs is how the other sees the user, Mine how the user sees the other.
	Theirs, Mine *View
}

// PairID names one side of a pair.
type PairID struct{ UserID, Viewer string }

// Broadcaster carries statuses from where they were committed to the streams
// of those who are told. Nothing in it waits for a stream's reader: a stream
// that lags holds the newest status of each user with news, and no more.
// Within a stream the versions of a user never fall, in whatever order they
// are published, and no version is told twice but by a snapshot.
type Broadcaster interface {
	// Open registers a stream of the viewer. It is told of nobody until Watch,
	// and holds what it is told until Start. After that wake is called whenever
	// the mailbox turns from empty to not empty; it must not block, and may be
	// called once more after Close.
	Open(viewer string, snapshot bool, wake func()) Stream
	// Watch makes userIDs those of whom all of the viewer's streams are told, and
	// returns the ones that are new. What waits in a mailbox about the others is
	// gone when it returns. Calls for one viewer must not overlap. A viewer
	// without streams watches nobody.
	Watch(viewer string, userIDs []string) (added []string)
	// Viewers is everybody with an open stream on this node.
	Viewers() []string
	// Watchers is who on this node watches the user.
	Watchers(userID string) []string

	// Publish tells everybody on every node who watches the user, and who is known
	// to see them where the update's Audience has that. It never tells those who
	// don't. Of those of whom it isn't known, the listener of their node hears by a
	// FaceChanged. What is known is by what was told: an Update that was read says
	// whether its viewer saw the user.
	Publish(update *Update)
	// Tell tells one viewer on this node, if they watch the users, whatever there
	// is to tell as how has it.
	Tell(viewer string, updates []*Update, how Telling)
	// Watched is the users in a part of all those watched on this node, 0 to
	// Parts-1, each with the mark up to which whoever watches them here knows all
	// that there is to know, by what was published after it, or Checked.
	Watched(part int) map[string]int
	// Checked says that whoever watches the user here has been told all that a
	// store with this mark has to tell.
	Checked(userID string, mark int)
	// Announce makes the listeners of those nodes hear of a notice whom it
	// concerns: on this node before it returns, elsewhere soon after.
	Announce(notice Notice)
	// Listen sets who hears of notices. Those from elsewhere come on goroutines of
	// the broadcaster's own, a few at a time.
	Listen(listener func(Notice))
	// Close ends the broadcaster's goroutines.
	Close()
}

// Stream is one open subscription.
type Stream interface {
	// Start ends the silence after Open with a first payload. It is empty for a
	// stream that was opened without snapshot, which hears of changes alone.
	Start(snapshot []*Update)
	// Take empties the mailbox: the newest status of each user with news, in
	// the order of their first news, appended to into.
	Take(into []*Update) []*Update
	// Close ends the stream; its mailbox is empty from then on.
	Close()
}

// Telling is why a viewer is told.
type Telling int

const (
	// TellNews is of a change: what the viewer doesn't know goes to all of their
	// streams.
	TellNews Telling = iota
	// TellAgain also adds to the snapshot of streams that began with one: those
	// are told even what the viewer knows, while the others only learn where their
	// news begin.
	TellAgain
	// TellMissed is of what was read without a change being known: what the viewer
	// knows, or began at, goes to none of their streams. Those who have not begun
	// learn where their news begin.
	TellMissed
)

// Parts is in how many parts Broadcaster.Watched hands out all users.
const Parts = 64

// Notice is news of something other than one status: what the nodes know of
// it is out of date and must be read again.
type Notice struct {
	Kind NoticeKind
	// UserID is whom the notice is of, where it is of one user; a node's ID for
	// NodeLives.
	UserID string
	// Others narrows FaceChanged to these viewers; nil means all.
	Others []string
	// After is the user's mark before what FaceChanged is about: a face that is no
	// newer has not changed by it.
	After int
	// Audience is the user's after what FaceChanged is about, and AudienceBefore
	// before it: but for Others, who sees the user is what it was.
	AudienceBefore, Audience int
	// Nodes is the names of the nodes that LoggedOut concerns; nil, as those hear
	// it, is this one.
	Nodes []string
}

// NoticeKind is what has changed.
type NoticeKind string

const (
	// WatchListChanged: whom the user watches.
	WatchListChanged NoticeKind = "watch-list-changed"
	// FaceChanged: what others may see of the user.
	FaceChanged NoticeKind = "face-changed"
	// LoggedOut: the user has logged out, or was removed. Their connections on
	// these nodes may have to end, and those in their grace are gone.
	LoggedOut NoticeKind = "logged-out"
	// SettingsChanged: a switch of the service.
	SettingsChanged NoticeKind = "settings-changed"
	// NodeLives: the node whose ID is in UserID lives, though it can't say so in the
	// store. Every node hears it.
	NodeLives NoticeKind = "node-lives"
	// NewsMissed is for this node alone: there may have been any news.
	NewsMissed NoticeKind = "news-missed"
)
