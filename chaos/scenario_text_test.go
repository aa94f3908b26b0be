package chaos

import (
	"fmt"
	"testing"
	"time"
)

func textIsTold(t *testing.T, n trio) {
	n.known(t, "text")
	first, second := n.b.watcher(t, "text-b", "text"), n.c.watcher(t, "text-c", "text")
	n.a.do(t, "text", setText("lunch"))
	for _, d := range []*device{first, second} {
		d.untilTold("text", "UNLOGINED", "lunch")
	}
	n.b.do(t, "text", setText("back"))
	for _, d := range []*device{first, second} {
		d.untilTold("text", "UNLOGINED", "back")
	}
}

func backendTextIsTold(t *testing.T, n trio) {
	n.known(t, "backend-text")
	watcher := n.b.watcher(t, "backend-text-b", "backend-text")
	n.a.asAdmin(t, `mutation{setUserStatus(userID:"backend-text",customStatus:"on leave")`+fields+`}`)
	watcher.untilTold("backend-text", "UNLOGINED", "on leave")
}

func snapshotHasIt(t *testing.T, n trio) {
	user := n.a.device(t, "shot", "")
	user.do(setText("here"))
	n.c.do(t, "shot-b", subscribeTo("shot"))
	watcher := n.b.device(t, "shot-b", "")
	must(t, watcher.begin(streamID, news))
	for _, s := range watcher.news() {
		if s.UserID == "shot" && s.StatusType == "ONLINE" && s.CustomStatus == "here" {
			return
		}
	}
	t.Error("the first payload has nothing of it")
}

func subscriptionHolds(t *testing.T, n trio) {
	n.a.do(t, "subscribed", setText("as it was"))
	watcher := n.b.watcher(t, "subscriber", "subscribed-not")
	n.a.do(t, "subscriber", subscribeTo("subscribed"))
	watcher.untilTold("subscribed", "UNLOGINED", "as it was")
	n.c.do(t, "subscribed", setText("as it is"))
	watcher.untilTold("subscribed", "UNLOGINED", "as it is")
}

func cancellationHolds(t *testing.T, n trio) {
	n.known(t, "cancelled", "kept")
	watcher := n.b.watcher(t, "canceller", "cancelled", "kept")
	n.a.do(t, "canceller", `mutation{unsubscribeUserStatus(userIDList:["cancelled"]){failureUserList{userID}}}`)
	// Nothing tells when the other node has heard of it: until then it may tell.
	eventually(t, func() bool {
		text := fmt.Sprint(time.Now().UnixNano())
		n.a.do(t, "cancelled", setText(text))
		n.a.do(t, "kept", setText(text))
		heard := false
		watcher.until(func(s status) bool {
			heard = heard || s.UserID == "cancelled"
			return s.UserID == "kept" && s.CustomStatus == text
		})
		return !heard
	})
}

func ownDevicesAreTold(t *testing.T, n trio) {
	phone, desk := n.a.device(t, "owner", ""), n.b.device(t, "owner", "")
	phone.watch()
	desk.watch()
	n.c.do(t, "owner", setText("mine"))
	phone.untilTold("owner", "ONLINE", "mine")
	desk.untilTold("owner", "ONLINE", "mine")
}

func textExpires(t *testing.T, n trio) {
	n.known(t, "expiring")
	watcher := n.b.watcher(t, "expiring-b", "expiring")
	n.a.do(t, "expiring", setTextUntil("soon over", time.Now().Add(2*time.Second)))
	watcher.untilTold("expiring", "UNLOGINED", "soon over")
	watcher.untilTold("expiring", "UNLOGINED", "")
}

func setTextUntil(text string, until time.Time) string {
	return fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q,expiresAt:%q)%s}`, text, until.Format(time.RFC3339Nano), fields)
}

func strangersAreNotTold(t *testing.T, n trio) {
	n.known(t, "stranger", "acquaintance")
	watcher := n.b.watcher(t, "discreet", "acquaintance")
	n.b.watcher(t, "curious", "stranger") // so that the node hears of them
	n.a.do(t, "stranger", setText("not for all"))
	n.a.do(t, "acquaintance", setText("for some"))
	for _, s := range watcher.until(func(s status) bool { return s.CustomStatus == "for some" }) {
		if s.UserID == "stranger" {
			t.Errorf("%+v was told", s)
		}
	}
}
