package presence

import (
	"context"
	"sync"
	"time"
)

const (
	// sampleTime is what one sample sums up.
	sampleTime = 10 * time.Second
	// SamplesKept are of the last hour.
	SamplesKept = int(time.Hour / sampleTime)
	// countEvery is how often at most the users who are ONLINE are counted.
	countEvery = 2 * time.Second
)

// FiguresSample is how all nodes together fared for a while that ended at At:
// what is counted and rates on average, delays at their worst.
type FiguresSample struct {
	At          time.Time
	UsersOnline int
	Nodes       int
	Figures     *Figures
}

// NodeFigures is how one node fared when it was heard of last.
type NodeFigures struct {
	Name       string
	LastBeatAt time.Time
	// Alive is false once the node has left, or was taken for dead.
	Alive bool
	// Answering is true of the node that tells this.
	Answering bool
	Figures   *Figures
}

// ServiceFigures is how all nodes fare, and how they did in the last hour.
type ServiceFigures struct {
	UsersOnline int
	Total       *Figures
	Nodes       []*NodeFigures
	Samples     []*FiguresSample
}

// add sums up what two nodes count, and keeps the worse of their delays.
func (f Figures) add(other Figures) Figures {
	return Figures{
		Connections: f.Connections + other.Connections, Streams: f.Streams + other.Streams, Users: f.Users + other.Users,
		UpdatesPerSecond: f.UpdatesPerSecond + other.UpdatesPerSecond, ChangesPerSecond: f.ChangesPerSecond + other.ChangesPerSecond,
		DeliveryDelay: max(f.DeliveryDelay, other.DeliveryDelay), WriteDelay: max(f.WriteDelay, other.WriteDelay),
	}
}

// over is the average of n that were added up.
func (f Figures) over(n int) *Figures {
	f.Connections, f.Streams, f.Users = f.Connections/n, f.Streams/n, f.Users/n
	f.UpdatesPerSecond, f.ChangesPerSecond = f.UpdatesPerSecond/float64(n), f.ChangesPerSecond/float64(n)
	return &f
}

// samples is the last hour, and the sample that is being taken.
type samples struct {
	mu    sync.Mutex
	taken []*FiguresSample
	own   Figures

	sum   Figures
	times int
	began time.Time

	online    int
	countedAt time.Time
}

// add takes in how all fare now. It is true when a sample is full: then finish it.
func (s *samples) add(total Figures, now time.Time) (full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		s.began = now.Add(-beatInterval)
	}
	s.sum, s.times = s.sum.add(total), s.times+1
	return now.Sub(s.began) >= sampleTime-beatInterval/2 // beats come a little late
}

func (s *samples) finish(online, nodes int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.taken) == SamplesKept {
		s.taken = append(s.taken[:0:0], s.taken[1:]...)
	}
	s.taken = append(s.taken, &FiguresSample{At: *moment(now), UsersOnline: online, Nodes: nodes, Figures: s.sum.over(s.times)})
	s.sum, s.times, s.began = Figures{}, 0, now
}

// since is the samples that ended after a time.
func (s *samples) since(t *time.Time) []*FiguresSample {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.taken
	for len(all) > 0 && t != nil && !all[0].At.After(*t) {
		all = all[1:]
	}
	return append([]*FiguresSample{}, all...)
}

// measure is what this node says of itself with its next beat.
func (s *Service) measure() Figures {
	if s.Measure == nil {
		return Figures{}
	}
	own := s.Measure()
	s.samples.mu.Lock()
	defer s.samples.mu.Unlock()
	s.samples.own = own
	return own
}

// sample notes how all nodes fare.
func (s *Service) sample(ctx context.Context) error {
	nodes := s.nodeFigures()
	total, alive := sum(nodes)
	now := time.Now()
	if !s.samples.add(total, now) {
		return nil
	}
	online, err := s.countOnline(ctx, now)
	if err == nil {
		s.samples.finish(online, alive, now)
	}
	return err
}

func sum(nodes []*NodeFigures) (total Figures, alive int) {
	for _, n := range nodes {
		if n.Alive {
			total, alive = total.add(*n.Figures), alive+1
		}
	}
	return total, alive
}

// nodeFigures is all nodes, by ID, this one as it is and others as last heard of.
func (s *Service) nodeFigures() (all []*NodeFigures) {
	s.samples.mu.Lock()
	own := s.samples.own
	s.samples.mu.Unlock()
	for _, seen := range s.roll.others("") {
		n := &NodeFigures{Name: seen.node.Name, LastBeatAt: seen.node.BeatAt, Alive: !seen.node.Gone, Figures: &seen.node.Figures}
		if seen.node.ID == s.node() {
			n.Answering, n.Figures = true, &own
		}
		all = append(all, n)
	}
	return all
}

// countOnline counts the users who are ONLINE, unless that was done just now.
func (s *Service) countOnline(ctx context.Context, now time.Time) (int, error) {
	s.samples.mu.Lock()
	online, fresh := s.samples.online, now.Sub(s.samples.countedAt) < countEvery
	s.samples.mu.Unlock()
	if fresh {
		return online, nil
	}
	online, err := s.Store.CountOnline(ctx)
	if err != nil {
		return 0, err
	}
	s.samples.mu.Lock()
	defer s.samples.mu.Unlock()
	s.samples.online, s.samples.countedAt = online, now
	return online, nil
}

// Figures is how all nodes fare now, and how they did in the last hour, or since
// a time in it.
func (s *Service) Figures(ctx context.Context, since *time.Time) (*ServiceFigures, error) {
	online, err := s.countOnline(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	nodes := s.nodeFigures()
	total, _ := sum(nodes)
	return &ServiceFigures{UsersOnline: online, Total: &total, Nodes: nodes, Samples: s.samples.since(since)}, nil
}
