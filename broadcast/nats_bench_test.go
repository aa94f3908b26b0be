package broadcast

import (
	"context"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"

	"userstatus/broadcast/natstest"
	"userstatus/presence"
)

func benchNode(b *testing.B) *NATS {
	server := startServer(b, natstest.Options{})
	n, err := ConnectNATS(context.Background(), NATSOptions{URL: server.URL(), Prefix: Prefix("bench"), NodeName: "node", Log: nameless})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(n.Close)
	return n
}

// typical is a status as they mostly are.
func typical(userID string, version int) *presence.Update {
	return presence.NewUpdate(presence.UserStatus{
		UserID: userID, StatusType: presence.Online, CustomStatus: "in a meeting until three",
		Platforms: []string{"ios", "web"}, Availability: presence.Available, Version: version,
	})
}

// BenchmarkNATSPublish is updates of different users whom nobody watches, from
// Publish until the last was given to the connection. The server is another
// process.
func BenchmarkNATSPublish(b *testing.B) {
	n := benchNode(b)
	ids := make([]string, maxLetters/2)
	for i := range ids {
		ids[i] = fmt.Sprintf("user%012d", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i > 0 && i%len(ids) == 0 {
			eventually(b, "all is sent", func() bool { return n.Traffic().Sent >= uint64(i) })
		}
		n.Publish(typical(ids[i%len(ids)], i+1))
	}
	eventually(b, "all is sent", func() bool { return n.Traffic().Sent >= uint64(b.N) })
}

// BenchmarkNATSReceive is one message as it comes from the library, until the
// update is in the mailbox of the one stream that watches.
func BenchmarkNATSReceive(b *testing.B) {
	n := benchNode(b)
	s := n.Open("alice", false, func() {})
	n.Watch("alice", []string{"user000000000000"})
	s.Start(nil)
	messages := make([]*nats.Msg, 1_000)
	version := 0
	fill := func() {
		for i := range messages {
			version++
			data, err := newsOf(typical("user000000000000", version)).encode()
			if err != nil {
				b.Fatal(err)
			}
			messages[i] = &nats.Msg{Data: data}
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(messages) == 0 {
			b.StopTimer()
			fill()
			b.StartTimer()
		}
		n.receive(messages[i%len(messages)])
	}
}

// BenchmarkNATSWatch is one new user for a viewer with a stream, and the round
// trip to the server until it knows.
func BenchmarkNATSWatch(b *testing.B) {
	n := benchNode(b)
	n.Open("alice", false, func() {})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n.Watch("alice", []string{fmt.Sprintf("user%012d", i)})
	}
}

// BenchmarkNATSMemory is the heap for each user watched, by one viewer each:
// what a Channel needs, and what the subscription at the bus adds. The server's
// part is in another process.
func BenchmarkNATSMemory(b *testing.B) {
	const viewers, users = 1_000, 100_000
	for b.Loop() {
		n := benchNode(b)
		before := heap()
		watchAll(n, viewers, users)
		eventually(b, "all are subscribed to", func() bool { return n.Traffic().Subscriptions == users })
		with := heap() - before
		c := openChannel(b)
		before = heap()
		watchAll(c, viewers, users)
		b.ReportMetric(float64(with)/users, "B/user")
		b.ReportMetric(float64(with-(heap()-before))/users, "B/subscription")
		n.Close()
		c.Close()
	}
}

func watchAll(c presence.Broadcaster, viewers, users int) {
	ids := make([]string, users/viewers)
	for i := range viewers {
		viewer := fmt.Sprintf("viewer%010d", i)
		c.Open(viewer, false, func() {})
		for k := range ids {
			ids[k] = fmt.Sprintf("user%012d", i*len(ids)+k)
		}
		c.Watch(viewer, ids)
	}
}
