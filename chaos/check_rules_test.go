package chaos

import (
	"maps"
	"testing"
	"time"
)

// at is a time in seconds.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// pair is alice, who is watched by bob; both are here and all is well.
func pair() (alice, bob *history, truth map[string]fact) {
	alice = &history{user: "alice", watched: map[string]bool{"alice": true}, latest: map[string]fact{}}
	bob = &history{user: "bob", watched: map[string]bool{"alice": true, "bob": true}, latest: map[string]fact{}}
	here := fact{"ONLINE", "text 1", "AVAILABLE", 7}
	other := fact{"ONLINE", "", "AVAILABLE", 3}
	alice.writes = []write{{"text 1", 7}}
	alice.stays, bob.stays = []stay{{from: at(0)}}, []stay{{from: at(0)}}
	alice.tell(telling{at(1), 1, "alice", here})
	bob.tell(telling{at(1), 1, "alice", here})
	bob.tell(telling{at(1), 1, "bob", other})
	return alice, bob, map[string]fact{"alice": here, "bob": other}
}

// TestEachCheckFindsWhatItIsFor breaks a promise at a time.
func TestEachCheckFindsWhatItIsFor(t *testing.T) {
	for name, broken := range map[string]func(alice, bob *history, truth map[string]fact){
		"a version that falls": func(_, bob *history, _ map[string]fact) {
			bob.told = append(bob.told, telling{at(2), 2, "alice", fact{"ONLINE", "", "AVAILABLE", 6}})
		},
		"a version that comes twice within a stream": func(_, bob *history, _ map[string]fact) {
			bob.told = append(bob.told, bob.told[0])
		},
		"news of a stranger": func(alice, bob *history, _ map[string]fact) {
			alice.told = append(alice.told, bob.told[1])
		},
		"a version of two meanings": func(alice, _ *history, _ map[string]fact) {
			alice.told[0].availability = "BUSY"
		},
		"a text under another version than acknowledged": func(alice, _ *history, _ map[string]fact) {
			alice.writes[0].text = "text 2"
		},
		"acknowledged versions that fall": func(alice, _ *history, _ map[string]fact) {
			alice.writes = append(alice.writes, write{"text 2", 5})
		},
		"an OFFLINE of somebody who never left": func(alice, bob *history, _ map[string]fact) {
			bob.tell(telling{at(20), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		},
		"an OFFLINE of somebody who was back within the grace": func(alice, bob *history, _ map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}, {from: at(12)}}
			bob.tell(telling{at(16), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		},
		"an OFFLINE before the grace is over": func(alice, bob *history, _ map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}}
			bob.tell(telling{at(12), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		},
		"a lost write": func(alice, _ *history, truth map[string]fact) {
			alice.writes = append(alice.writes, write{"text 2", 8})
		},
		"a write undone by an older one": func(alice, _ *history, truth map[string]fact) {
			alice.writes = append([]write{{"text 0", 0}}, alice.writes...)
			truth["alice"] = fact{"ONLINE", "text 0", "AVAILABLE", 7}
		},
		"a view that stays behind": func(_, _ *history, truth map[string]fact) {
			truth["alice"] = fact{"ONLINE", "text 1", "BUSY", 8}
		},
		"a ghost": func(alice, _ *history, _ map[string]fact) {
			alice.stays[0].until = at(10)
		},
		"somebody here who counts as gone": func(_, _ *history, truth map[string]fact) {
			truth["bob"] = fact{"OFFLINE", "", "AVAILABLE", 3}
		},
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob, truth := pair()
			if wrong := checkAll(alice, bob, truth); len(wrong) > 0 {
				t.Fatalf("where all is well it finds %q", wrong)
			}
			broken(alice, bob, truth)
			if wrong := checkAll(alice, bob, truth); len(wrong) == 0 {
				t.Error("it is not found")
			}
		})
	}
}

func checkAll(alice, bob *history, truth map[string]fact) []string {
	all := []*history{alice, bob}
	wrong := append(checkHistories(all, 5*time.Second), checkKept(all, truth)...)
	return append(append(wrong, checkViews(all, truth)...), checkPresence(all, truth)...)
}

func TestWhatIsAllowedIsNotFound(t *testing.T) {
	alice, bob, truth := pair()
	left, back := fact{"OFFLINE", "text 1", "AVAILABLE", 8}, fact{"ONLINE", "text 2", "AVAILABLE", 9}
	alice.writes = append(alice.writes, write{text: "text 2"}) // not acknowledged, and kept
	alice.stays = []stay{{at(0), at(10)}, {from: at(16)}}
	bob.tell(telling{at(15), 1, "alice", left})
	bob.tell(telling{at(17), 2, "alice", back})
	bob.tell(telling{at(18), 3, "alice", back}) // by a snapshot
	alice.tell(telling{at(17), 2, "alice", back})
	truth = maps.Clone(truth)
	truth["alice"] = back
	if wrong := checkAll(alice, bob, truth); len(wrong) > 0 {
		t.Errorf("it finds %q", wrong)
	}
}
