package presence_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"userstatus/presence"
)

func TestFiguresOfAllNodesAreSummedUp(t *testing.T) {
	n := 0
	measure := func() presence.Figures {
		n++
		return presence.Figures{Connections: 2, Users: 1, UpdatesPerSecond: float64(n % 2), DeliveryDelay: 0.5}
	}
	inBubble(t, "over the last hour, in steps of ten seconds", presence.Options{Measure: measure, OfflineGrace: grace}, func(f *fixture) {
		f.connect("ann", "web")
		began := time.Now()
		time.Sleep(70 * time.Minute)
		got, err := f.service.Figures(f.ctx, nil)
		f.must(err)
		if got.UsersOnline != 1 || got.Total.Connections != 2 || len(got.Nodes) != 1 || !got.Nodes[0].Answering || !got.Nodes[0].Alive || got.Nodes[0].Name != "first" {
			f.Fatalf("the figures are %+v, %+v of %+v", got, got.Total, got.Nodes[0])
		}
		if len(got.Samples) != presence.SamplesKept {
			f.Fatalf("there are %d samples", len(got.Samples))
		}
		last := got.Samples[len(got.Samples)-1]
		if first := got.Samples[0].At; time.Since(first) > time.Hour+20*time.Second || first.Before(began) || time.Since(last.At) > 12*time.Second {
			f.Fatalf("the samples are from %v to %v", first, last.At)
		}
		if want := (presence.Figures{Connections: 2, Users: 1, UpdatesPerSecond: last.Figures.UpdatesPerSecond, DeliveryDelay: 0.5}); *last.Figures != want || last.UsersOnline != 1 || last.Nodes != 1 {
			f.Fatalf("the last sample is %+v, %+v", last, last.Figures)
		}
		if r := last.Figures.UpdatesPerSecond; r < 0.4 || r > 0.6 {
			f.Fatalf("a rate of 0 and 1 in turn is %v on average", r)
		}
		since := got.Samples[len(got.Samples)-3].At
		few, err := f.service.Figures(f.ctx, &since)
		f.must(err)
		if len(few.Samples) != 2 || few.Samples[1] != last {
			f.Fatalf("since the third last there are %d samples", len(few.Samples))
		}
	})
	inPair(t, "as each of them has it", func(f *fixture, a, b *presence.Service) {
		_, err := a.Connect(f.as("ann"), "web", func(string) {})
		f.must(err)
		time.Sleep(12 * time.Second)
		for name, s := range map[string]*presence.Service{"first": a, "second": b} {
			got, err := s.Figures(f.ctx, nil)
			f.must(err)
			answering := ""
			for _, n := range got.Nodes {
				if n.Answering {
					answering += n.Name
				}
			}
			if answering != name || len(got.Nodes) != 2 || got.UsersOnline != 1 || len(got.Samples) != 1 || got.Samples[0].Nodes != 2 {
				f.Fatalf("%s says %+v, %+v", name, got, fmt.Sprint(got.Samples))
			}
		}
	})
	t.Run("without those that are gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newPair(t, presence.Options{Measure: func() presence.Figures { return presence.Figures{Connections: 2} }, OfflineGrace: time.Minute})
			defer f.close()
			total := func(want int) {
				t.Helper()
				got, err := f.service.Figures(f.ctx, nil)
				f.must(err)
				if got.Total.Connections != want {
					t.Errorf("the total is of %d connections, not %d", got.Total.Connections, want)
				}
			}
			time.Sleep(5 * time.Second)
			total(4)
			_, err := f.second.service.Connect(f.as("ann"), "web", func(string) {}) // keeps the node known
			f.must(err)
			thaw := f.second.freeze()
			time.Sleep(15 * time.Second)
			total(2)
			thaw()
			time.Sleep(5 * time.Second)
			total(4)
		})
	})
}
