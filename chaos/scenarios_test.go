package chaos

import (
	"testing"
	"time"
)

const (
	closeGoingAway = 1001
	closeLoggedOut = 4401
	// scenarioGrace is the grace of the scenarios' nodes.
	scenarioGrace = 3 * time.Second
)

// trio is three nodes that serve.
type trio struct {
	*cluster
	a, b, c *node
}

func newTrio(t *testing.T, embedded bool) trio {
	t.Helper()
	c := newCluster(t, options{nodes: 3, embedded: embedded, flags: []string{"--offline-grace=" + scenarioGrace.String()}})
	return trio{c, c.nodes[0], c.nodes[1], c.nodes[2]}
}

// known makes users known.
func (n trio) known(t *testing.T, users ...string) {
	t.Helper()
	n.a.asAdmin(t, register(users...))
}

func TestNobodyCanTellWhichNodeTheyAreOn(t *testing.T) {
	t.Parallel()
	scenarios(t, newTrio(t, false))
}

func TestNobodyCanTellWhichNodeTheyAreOnWithoutANATSEither(t *testing.T) {
	t.Parallel()
	scenarios(t, newTrio(t, true))
}

func scenarios(t *testing.T, n trio) {
	t.Run("at once", func(t *testing.T) { // which waits for the parallel ones
		for name, scenario := range map[string]func(t *testing.T, n trio){
			"a text set on one is told on the others":                      textIsTold,
			"a backend's text is told on the others":                       backendTextIsTold,
			"a snapshot has what was set elsewhere":                        snapshotHasIt,
			"a subscription made on one holds for a stream on another":     subscriptionHolds,
			"a cancelled subscription holds for a stream on another":       cancellationHolds,
			"one's own changes are told on one's other devices":            ownDevicesAreTold,
			"with devices on two one is ONLINE until both are gone":        twoDevices,
			"who moves within the grace is no event":                       moveIsNoEvent,
			"a logout ends the grace on the node left before":              logoutEndsGraces,
			"a logout of all devices closes the sockets of all nodes":      logoutEverywhere,
			"a logout of one device leaves those of other nodes":           logoutOfOne,
			"removing a user closes their sockets everywhere and is told":  removalIsTold,
			"a block changes what a stream on another node shows":          blockIsShown,
			"a visibility changes what a stream on another node shows":     visibilityIsShown,
			"platforms are those of all nodes":                             platformsOfAll,
			"one is AWAY once all devices of all nodes are idle":           idleEverywhere,
			"what the user says of their availability is told everywhere":  availabilityIsTold,
			"a text expires on all nodes":                                  textExpires,
			"nobody is told of those they don't watch, whichever the node": strangersAreNotTold,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t, n)
			})
		}
	})
	t.Run("switches flipped on one hold on the others", func(t *testing.T) { switchesHold(t, n) })
	t.Run("friends are told across nodes once it is switched on", func(t *testing.T) { friendsAreTold(t, n) })
}
