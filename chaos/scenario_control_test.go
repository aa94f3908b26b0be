package chaos

import (
	"strings"
	"testing"
)

func removalIsTold(t *testing.T, n trio) {
	n.known(t, "removed")
	watcher := n.c.watcher(t, "removed-c", "removed")
	user := n.b.device(t, "removed", "")
	user.do(setText("still there"))
	watcher.untilTold("removed", "ONLINE", "still there")
	n.a.asAdmin(t, `mutation{removeUsers(userIDList:["removed"]){failureUserList{userID}}}`)
	user.untilClosed(closeLoggedOut)
	watcher.untilTold("removed", "UNLOGINED", "")
	if got := n.b.status(t, "removed"); got.UserID != "" {
		t.Errorf("got %+v of somebody who was removed", got)
	}
}

func blockIsShown(t *testing.T, n trio) {
	user := n.a.device(t, "blocker", "")
	user.do(setText("before"))
	watcher := n.b.watcher(t, "blocked", "blocker")
	n.c.do(t, "blocker", `mutation{blockUsers(userIDList:["blocked"]){failureUserList{userID}}}`)
	watcher.untilTold("blocker", "OFFLINE", "before")
	user.do(setText("behind one's back"))
	n.c.do(t, "blocker", `mutation{unblockUsers(userIDList:["blocked"]){failureUserList{userID}}}`)
	read := watcher.untilTold("blocker", "ONLINE", "behind one's back")
	if len(read) != 1 {
		t.Errorf("the blocked was told %+v", read)
	}
}

func visibilityIsShown(t *testing.T, n trio) {
	user := n.a.device(t, "hider", "")
	user.do(setText("seen"))
	watcher := n.b.watcher(t, "seeker", "hider")
	n.c.do(t, "hider", `mutation{setSelfVisibility(visibility:NOBODY){visibility}}`)
	watcher.untilTold("hider", "OFFLINE", "seen")
	user.do(setText("unseen"))
	n.c.do(t, "hider", `mutation{setSelfVisibility(visibility:EVERYONE){visibility}}`)
	read := watcher.untilTold("hider", "ONLINE", "unseen")
	if len(read) != 1 {
		t.Errorf("whom it was hidden from was told %+v", read)
	}
}

func switchesHold(t *testing.T, n trio) {
	n.known(t, "switched")
	watcher := n.b.watcher(t, "switched-b", "switched")
	enabled := func() bool {
		_, err := post(t.Context(), n.c.url(), mint("switched-c", false), statusOf("switched"))
		if err != nil && !strings.Contains(err.Error(), "FEATURE_DISABLED") {
			t.Fatal(err)
		}
		return err == nil
	}
	n.a.asAdmin(t, `mutation{updateSettings(userStatusEnabled:false){userStatusEnabled}}`)
	eventually(t, func() bool { return !enabled() })
	n.a.do(t, "switched", setText("while it is off"))
	n.a.asAdmin(t, `mutation{updateSettings(userStatusEnabled:true){userStatusEnabled}}`)
	eventually(t, enabled)
	watcher.untilTold("switched", "UNLOGINED", "while it is off")
}

func friendsAreTold(t *testing.T, n trio) {
	n.known(t, "friend", "friend-b")
	stream := n.b.device(t, "friend-b", "")
	stream.watch()
	n.a.asAdmin(t, `mutation{addFriends(userID:"friend",friendIDList:["friend-b"]){failureUserList{userID}}}`)
	n.c.asAdmin(t, `mutation{updateSettings(friendStatusNotificationEnabled:true){friendStatusNotificationEnabled}}`)
	stream.untilTold("friend", "UNLOGINED", "")
	n.a.do(t, "friend", setText("hello"))
	stream.untilTold("friend", "UNLOGINED", "hello")
}
