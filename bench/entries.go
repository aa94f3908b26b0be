package main

import (
	"fmt"
	"runtime"

	"userstatus/broadcast"
)

// entries is the heap that one user on one viewer's watch list costs, in this
// process: both indexes and both ends of the link, with IDs of 16 bytes.
func (l *lab) entries() error {
	const watched = 100
	for _, viewers := range []int{10_000, 100_000} {
		heap := samples{}
		for range min(l.rounds, 3) {
			heap.add(ours, perEntry(viewers, watched))
		}
		l.print(figure{title: fmt.Sprintf("heap per entry of a watch list, %d entries, of %d users", viewers*watched, viewers),
			unit: "B", samples: heap, most: 64})
	}
	return nil
}

func perEntry(viewers, watched int) float64 {
	before := liveHeap()
	channel := broadcast.NewChannel()
	defer channel.Close()
	ids := make([]string, watched)
	for i := range viewers {
		viewer := fmt.Sprintf("viewer%010d", i)
		channel.Open(viewer, false, func() {})
		for k := range ids {
			ids[k] = fmt.Sprintf("user%012d", (i*7919+k*104729)%viewers)
		}
		channel.Watch(viewer, ids)
	}
	used := liveHeap() - before
	runtime.KeepAlive(channel)
	return float64(used) / float64(viewers*watched)
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
