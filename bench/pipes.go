package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// pipesPatience bounds one server's run over pipes.
const pipesPatience = 5 * time.Minute

// pipes is memory's figure over connections in memory, of which a process can
// hold more than descriptors: the whole service in a process that connects to
// itself. Over sockets it is measured once more, to compare with.
func (l *lab) pipes() error {
	for _, run := range []struct{ connections, sockets int }{{5000, 5000}, {200_000, 19_000}} {
		if err := l.pipesBesideSockets(run.connections, run.sockets); err != nil {
			return err
		}
	}
	l.say("  (of which the pipe itself %d B of heap, and what the runtime needs for a goroutine to wait by it)\n", perPipe())
	return nil
}

func (l *lab) pipesBesideSockets(connections, sockets int) error {
	settled, freed, overSockets := samples{}, samples{}, samples{}
	for range min(l.rounds, 3) {
		for _, k := range []kind{ours, bare, lean} {
			got, err := l.parkInPipes(k, connections)
			if err != nil {
				return err
			}
			settled.add(k, got.perConnection(got.Settled))
			freed.add(k, got.perConnection(got.Freed))
		}
		_, least, err := l.idle(ours, sockets)
		if err != nil {
			return err
		}
		overSockets.add(ours, least/1024)
	}
	title := fmt.Sprintf("RSS per idle connection over pipes in memory, %d of them", connections)
	l.print(figure{title: title + ", after a collection that gives memory back", unit: "KB", samples: freed, most: 12, goals: []goal{{bare, 1.2}}})
	median := overSockets.median(ours)
	l.say("  ours over %d sockets, the same way: %s KB; over pipes %s × that (goal 0.90 … 1.10)\n", sockets, short(median), short(freed.median(ours)/median))
	l.print(figure{title: title + ", as it stands after a while", unit: "KB", samples: settled})
	return nil
}

// parked is what a process found out that parked connections in its own pipes.
// Memory is in bytes.
type parked struct {
	Connections           int
	Empty, Settled, Freed int
	Parking               time.Duration
	// Online is how many the service says are; Told how many heard of the star's
	// change, and Telling how long that took.
	Online, Told int
	Telling      time.Duration
	Pongs        int64
}

func (p parked) perConnection(rss int) float64 {
	return float64(rss-p.Empty) / float64(p.Connections) / 1024
}

// pipesArgument has the program be the process that connects to itself.
const pipesArgument = "over-pipes"

func (l *lab) parkInPipes(k kind, connections int) (got parked, err error) {
	dir, err := os.MkdirTemp(l.dir, "pipes")
	if err != nil {
		return got, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	text, err := again(pipesArgument, string(k), strconv.Itoa(connections), dir)
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil {
		return got, fmt.Errorf("%s, %d connections over pipes: %w", k, connections, err)
	}
	tellParked(k, got)
	return got, nil
}

// again runs this program in one more process, and returns what it prints.
func again(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pipesPatience)
	defer cancel()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	return text, cmp.Or(ctx.Err(), err)
}

// tellParked says how it went, beside the tables.
func tellParked(k kind, got parked) {
	text := fmt.Sprintf("%s: %d parked in %s, %d pings answered", k, got.Connections, got.Parking.Round(100*time.Millisecond), got.Pongs)
	if k == ours {
		text += fmt.Sprintf(", %d ONLINE, %d told of one change within %s", got.Online, got.Told, got.Telling.Round(time.Millisecond))
	}
	fmt.Fprintf(os.Stderr, "[%s]\n", text)
}

// perPipe is the heap that a pipe takes once its client is in.
func perPipe() int64 {
	all := make([]*pipe, 100_000)
	before := liveHeap()
	for i := range all {
		all[i] = newPipe(nil, i)
		all[i].opened = nil
	}
	used := liveHeap() - before
	runtime.KeepAlive(all)
	return used / int64(len(all))
}
