package admission

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// takeAll takes one at a time for a client until it is refused.
func takeAll(s *Share, client netip.Addr) (taken int, verdict Verdict) {
	for {
		if verdict = s.Take(client, 1); verdict != Taken {
			return taken, verdict
		}
		taken++
	}
}

func TestWhoTakesAllTheyCanGetsAHalf(t *testing.T) {
	s := NewShare(1000)
	if n, why := takeAll(s, alice); n != 500 || why != OverShare {
		t.Errorf("the first took %d, %v", n, why)
	}
	if n, why := takeAll(s, bob); n != 250 || why != OverShare {
		t.Errorf("the second took %d, %v", n, why)
	}
	if n, _ := takeAll(s, alice); n != 0 {
		t.Errorf("the first took %d more, of what is kept for others", n)
	}
}

func TestANewcomerAlwaysFindsRoom(t *testing.T) {
	s := NewShare(1 << 20)
	for i := range 16 { // more halves than that leave nothing whole
		client := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
		if n, _ := takeAll(s, client); n == 0 {
			t.Fatalf("client %d finds no room", i)
		}
	}
}

func TestProxiesCountInAllAlone(t *testing.T) {
	s := NewShare(10)
	if n, why := takeAll(s, nobody); n != 10 || why != Full {
		t.Errorf("took %d, %v", n, why)
	}
}

func TestWithoutACapacityThereIsNoLimit(t *testing.T) {
	s := NewShare(0)
	for range 100_000 {
		if s.Take(alice, 1<<30) != Taken {
			t.Fatal("refused")
		}
	}
}

func TestWhatIsGivenBackCanBeTaken(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.Int64Range(1, 100).Draw(rt, "capacity")
		s, held, used := NewShare(capacity), map[netip.Addr]int64{}, int64(0)
		clients := []netip.Addr{alice, bob, nobody}
		for range rapid.IntRange(1, 200).Draw(rt, "steps") {
			client := rapid.SampledFrom(clients).Draw(rt, "client")
			n := rapid.Int64Range(1, 20).Draw(rt, "n")
			if rapid.Bool().Draw(rt, "give") {
				if n = min(n, held[client]); n > 0 {
					s.Give(client, n)
					held[client] -= n
					used -= n
				}
				continue
			}
			want := Taken
			switch {
			case used+n > capacity:
				want = Full
			case client.IsValid() && held[client]+n > capacity-used:
				want = OverShare
			}
			if got := s.Take(client, n); got != want {
				rt.Fatalf("%v takes %d of %d-%d, holding %d: %v, want %v", client, n, capacity, used, held[client], got, want)
			}
			if want == Taken {
				held[client] += n
				used += n
			}
			if gotHeld, gotUsed := s.Held(alice); gotHeld != held[alice] || gotUsed != used {
				rt.Fatalf("held %d of %d, want %d of %d", gotHeld, gotUsed, held[alice], used)
			}
		}
		for client, n := range held {
			if n > 0 {
				s.Give(client, n)
			}
		}
		if len(s.held) != 0 || s.used != 0 {
			rt.Errorf("%v and %d are left behind", s.held, s.used)
		}
	})
}
