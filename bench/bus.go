package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"userstatus/broadcast"
	"userstatus/broadcast/natstest"
	"userstatus/presence"
)

// What each node has in bus, however many there are.
const (
	busViewers = 200
	busWatched = 10
)

// bus is how many messages a node sends and receives for one change of each of
// its users, for more and more nodes with the same clients each. The nodes are
// broadcasters on one NATS, without a database or sockets, so that a hundred fit
// into a process.
func (l *lab) bus() error {
	counts := []int{1, 2, 3, 10, 30, 100}
	if l.quick {
		counts = counts[:4]
	}
	l.say("\nBus messages per node for one change of each of its %d users, each of whom watches %d of all\n", busViewers, busWatched)
	for _, nodes := range counts {
		sent, received, err := busTraffic(nodes)
		if err != nil {
			return err
		}
		l.say("  %3d nodes  %6.0f sent  %6.0f received\n", nodes, sent, received)
	}
	return nil
}

func busTraffic(nodes int) (sent, received float64, err error) {
	server, err := natstest.Start(natstest.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = server.Close() }()
	all := make([]*broadcast.NATS, nodes)
	defer func() {
		_ = together(nodes, func(i int) error {
			if all[i] != nil {
				all[i].Close()
			}
			return nil
		})
	}()
	for i := range all {
		if all[i], err = joinBus(server.URL(), i, nodes); err != nil {
			return 0, 0, err
		}
	}
	for i, node := range all {
		for u := range busViewers {
			node.Publish(presence.NewUpdate(presence.UserStatus{UserID: busUser(i, u), StatusType: presence.Online, Version: 1}))
		}
	}
	total := quiet(all)
	return float64(total.Sent) / float64(nodes), float64(total.Received) / float64(nodes), nil
}

func busUser(node, user int) string { return fmt.Sprintf("user-%d-%d", node, user) }

// joinBus starts a node with its viewers.
func joinBus(url string, node, nodes int) (*broadcast.NATS, error) {
	b, err := broadcast.ConnectNATS(context.Background(), broadcast.NATSOptions{
		URL: url, Prefix: broadcast.Prefix("bench"), NodeName: fmt.Sprint("node-", node), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(uint64(node), uint64(nodes)))
	for u := range busViewers {
		viewer := busUser(node, u)
		watched := []string{viewer}
		for range busWatched {
			watched = append(watched, busUser(random.IntN(nodes), random.IntN(busViewers)))
		}
		b.Open(viewer, false, func() {}).Start(nil)
		b.Watch(viewer, watched)
	}
	return b, nil
}

// quiet is what went over the bus once nothing goes over it any more.
func quiet(all []*broadcast.NATS) (total broadcast.Traffic) {
	for {
		time.Sleep(time.Second)
		var now broadcast.Traffic
		for _, b := range all {
			t := b.Traffic()
			now.Sent += t.Sent
			now.Received += t.Received
		}
		if now == total {
			return total
		}
		total = now
	}
}
