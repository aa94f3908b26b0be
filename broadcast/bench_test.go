package broadcast

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"userstatus/presence"
)

// BenchmarkPublish is one update to that many watchers, from Publish until the
// last of their streams has taken it in its wake.
func BenchmarkPublish(b *testing.B) {
	for _, watchers := range []int{1, 1_000, 100_000} {
		b.Run(fmt.Sprint(watchers), func(b *testing.B) { benchmarkPublish(b, watchers) })
	}
}

func benchmarkPublish(b *testing.B, watchers int) {
	c := openChannel(b)
	var left atomic.Int64
	done := make(chan struct{}, 1)
	for i := range watchers {
		viewer := fmt.Sprint("viewer", i)
		var s presence.Stream
		var into []*presence.Update
		s = c.Open(viewer, false, func() {
			into = s.Take(into[:0])
			if left.Add(-1) == 0 {
				done <- struct{}{}
			}
		})
		c.Watch(viewer, []string{"star"})
		s.Start(nil)
	}
	b.ReportAllocs()
	version := 0
	for b.Loop() {
		version++
		left.Store(int64(watchers))
		c.Publish(at("star", version))
		<-done
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*watchers), "ns/watcher")
}

// BenchmarkPublishToStalled is Publish alone: the readers never read.
func BenchmarkPublishToStalled(b *testing.B) {
	const watchers = 100_000
	c := openChannel(b)
	for i := range watchers {
		viewer := fmt.Sprint("viewer", i)
		s := c.Open(viewer, false, func() {})
		c.Watch(viewer, []string{"star"})
		s.Start(nil)
	}
	version := 0
	for b.Loop() {
		version++
		c.Publish(at("star", version))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*watchers), "ns/watcher")
}

// BenchmarkOpenWatchClose is one connection's life, for lists of that length.
func BenchmarkOpenWatchClose(b *testing.B) {
	for _, length := range []int{1, 100, 1_000} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			c := openChannel(b)
			ids := make([]string, length)
			for i := range ids {
				ids[i] = fmt.Sprint("user", i)
			}
			b.ReportAllocs()
			for b.Loop() {
				s := c.Open("alice", false, func() {})
				c.Watch("alice", ids)
				s.Start(nil)
				s.Close()
			}
		})
	}
}

// BenchmarkMemory is the heap per entry of a watch list: entries at both ends,
// topics, viewers and both indexes, with IDs of 16 bytes, without streams'
// mailboxes. Each of the viewers watches 100 users.
func BenchmarkMemory(b *testing.B) {
	for _, size := range []struct{ viewers, users int }{
		{10_000, 100_000}, {10_000, 10_000}, {10_000, 1_000}, {100_000, 1_000_000}, {100_000, 100_000},
	} {
		entries := size.viewers * 100
		b.Run(fmt.Sprintf("%d_entries_of_%d_users", entries, size.users), func(b *testing.B) {
			for b.Loop() {
				c := NewChannel()
				before := heap()
				fill(c, size.viewers, size.users)
				b.ReportMetric(float64(heap()-before)/float64(entries), "B/entry")
				c.Close()
				runtime.KeepAlive(c)
			}
		})
	}
}

func fill(c *Channel, viewers, users int) {
	ids := make([]string, 100)
	for i := range viewers {
		viewer := fmt.Sprintf("viewer%010d", i)
		c.Open(viewer, false, func() {})
		for k := range ids {
			ids[k] = fmt.Sprintf("user%012d", (i*7919+k*104729)%users)
		}
		c.Watch(viewer, ids)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
