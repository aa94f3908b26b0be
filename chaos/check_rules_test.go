package chaos

import (
	"maps"
	"strings"
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
	alice.writes = []write{{"text 1", 7, at(0.5)}}
	alice.stays, bob.stays = []stay{{from: at(0)}}, []stay{{from: at(0)}}
	alice.tell(telling{at(1), 1, "alice", here})
	bob.tell(telling{at(1), 1, "alice", here})
	bob.tell(telling{at(1), 1, "bob", other})
	return alice, bob, map[string]fact{"alice": here, "bob": other}
}

// TestEachCheckFindsWhatItIsFor breaks a promise at a time.
func TestEachCheckFindsWhatItIsFor(t *testing.T) {
	for name, broken := range map[string]struct {
		words string
		how   func(alice, bob *history, truth map[string]fact)
	}{
		"a version that falls": {"bob was told alice ONLINE AVAILABLE", func(_, bob *history, _ map[string]fact) {
			bob.told = append(bob.told, telling{at(2), 1, "alice", fact{"ONLINE", "", "AVAILABLE", 6}})
		}},
		"a version that falls from one stream to the next": {"bob was told bob", func(_, bob *history, _ map[string]fact) {
			bob.stays = []stay{{at(-2), at(-1)}, {from: at(0)}}
			bob.told = append([]telling{{at(-2), 1, "bob", fact{"ONLINE", "", "AVAILABLE", 4}}}, bob.told...)
		}},
		"a version that comes twice within a stream": {" after alice", func(_, bob *history, _ map[string]fact) {
			bob.told = append(bob.told, bob.told[0])
		}},
		"news of a stranger": {"does not watch them", func(alice, bob *history, _ map[string]fact) {
			alice.told = append(alice.told, bob.told[1])
		}},
		"a version of two meanings": {"and somebody else", func(alice, _ *history, _ map[string]fact) {
			alice.told[0].availability = "BUSY"
		}},
		"a text under another version than acknowledged": {"acknowledged as", func(alice, _ *history, _ map[string]fact) {
			alice.writes[0].text = "text 2"
		}},
		"acknowledged versions that fall": {"was answered", func(alice, _ *history, _ map[string]fact) {
			alice.writes = append(alice.writes, write{"text 2", 5, at(2)})
		}},
		"an OFFLINE of somebody who never left": {"who was away []", func(alice, bob *history, _ map[string]fact) {
			bob.tell(telling{at(20), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		}},
		"an OFFLINE of somebody who was back within the grace": {"who was away", func(alice, bob *history, _ map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}, {from: at(12)}}
			bob.tell(telling{at(16), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		}},
		"an OFFLINE before the grace is over": {"who was away", func(alice, bob *history, _ map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}}
			bob.tell(telling{at(12), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
		}},
		"an OFFLINE of somebody who was back from a long absence": {"who was away", func(alice, bob *history, _ map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}, {from: at(20)}}
			alice.tell(telling{at(20), 2, "alice", fact{"ONLINE", "text 1", "AVAILABLE", 9}})
			bob.tell(telling{at(15), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 8}})
			bob.tell(telling{at(20), 1, "alice", fact{"ONLINE", "text 1", "AVAILABLE", 9}})
			bob.tell(telling{at(22), 1, "alice", fact{"OFFLINE", "text 1", "AVAILABLE", 10}})
		}},
		"a lost write": {"after the writes", func(alice, _ *history, truth map[string]fact) {
			alice.writes = append(alice.writes, write{"text 2", 8, at(2)})
		}},
		"a write undone by an older one": {"after the writes", func(alice, _ *history, truth map[string]fact) {
			alice.writes = append([]write{{text: "text 0"}}, alice.writes...)
			truth["alice"] = fact{"ONLINE", "text 0", "AVAILABLE", 7}
		}},
		"a write that is lost until the next one": {"after the answer", func(_, bob *history, truth map[string]fact) {
			bob.stays = []stay{{from: at(0.6)}}
			bob.told[0].version, bob.told[0].text = 6, "" // alice's version 7 was answered before
			truth["alice"] = fact{"ONLINE", "text 1", "AVAILABLE", 7}
			bob.tell(telling{at(2), 1, "alice", truth["alice"]})
		}},
		"news of somebody who hides": {"who hides as", func(alice, bob *history, truth map[string]fact) {
			alice.hide(bob, truth)
			bob.told = append(bob.told, telling{at(4), 1, "alice", fact{"OFFLINE", "text 2", "AVAILABLE", 10}})
		}},
		"a view of somebody who hides": {"believes", func(alice, bob *history, truth map[string]fact) {
			alice.hide(bob, truth)
			bob.latest["alice"] = truth["alice"]
		}},
		"an absence that nobody is told of": {"was not told", func(alice, bob *history, truth map[string]fact) {
			alice.stays = []stay{{at(0), at(10)}, {from: at(40)}}
		}},
		"a view that stays behind": {"believes", func(_, _ *history, truth map[string]fact) {
			truth["alice"] = fact{"ONLINE", "text 1", "BUSY", 8}
		}},
		"a ghost": {"alice is ONLINE", func(alice, _ *history, _ map[string]fact) {
			alice.stays[0].until = at(10)
		}},
		"somebody here who counts as gone": {"bob is OFFLINE", func(_, _ *history, truth map[string]fact) {
			truth["bob"] = fact{"OFFLINE", "", "AVAILABLE", 3}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob, truth := pair()
			if wrong := checkAll(alice, bob, truth); len(wrong) > 0 {
				t.Fatalf("where all is well it finds %q", wrong)
			}
			broken.how(alice, bob, truth)
			if wrong := checkAll(alice, bob, truth); !strings.Contains(strings.Join(wrong, "\n"), broken.words) {
				t.Errorf("it is not found, but %q", wrong)
			}
		})
	}
}

// hide takes alice out of sight, for bob's.
func (h *history) hide(from *history, truth map[string]fact) {
	h.face = &fact{"OFFLINE", "text 1", "AVAILABLE", 9}
	from.tell(telling{at(3), 1, h.user, *h.face})
	truth[h.user] = fact{"ONLINE", "text 2", "BUSY", 9}
	h.tell(telling{at(3), 1, h.user, truth[h.user]})
}

func TestWhoHidesHasAFaceOfTheirOwn(t *testing.T) {
	alice, bob, truth := pair()
	alice.hide(bob, truth)
	alice.writes = append(alice.writes, write{"text 2", 9, at(3)})
	if wrong := checkAll(alice, bob, truth); len(wrong) > 0 {
		t.Errorf("it finds %q", wrong)
	}
}

func checkAll(alice, bob *history, truth map[string]fact) []string {
	all := []*history{alice, bob}
	wrong := append(checkHistories(all, 5*time.Second, []calm{{at(5), at(60)}}), checkKept(all, truth)...)
	return append(append(wrong, checkViews(all, truth)...), checkPresence(all, truth)...)
}

func TestWhatIsAllowedIsNotFound(t *testing.T) {
	alice, bob, truth := pair()
	left, back := fact{"OFFLINE", "text 1", "AVAILABLE", 8}, fact{"ONLINE", "text 2", "AVAILABLE", 9}
	alice.writes = append(alice.writes, write{text: "text 2"}) // not acknowledged, and kept
	alice.stays = []stay{{at(0), at(10)}, {from: at(26)}}
	bob.stays = []stay{{at(0), at(26)}, {at(26), at(27)}, {from: at(27)}}
	bob.tell(telling{at(15), 1, "alice", left})
	bob.tell(telling{at(26.5), 2, "alice", back})
	bob.tell(telling{at(27), 3, "alice", back}) // by a snapshot
	alice.tell(telling{at(26.5), 2, "alice", back})
	truth = maps.Clone(truth)
	truth["alice"] = back
	if wrong := checkAll(alice, bob, truth); len(wrong) > 0 {
		t.Errorf("it finds %q", wrong)
	}
}
