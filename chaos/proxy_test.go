package chaos

import (
	"net"
	"sync"
)

// proxy is a way from a node to what it needs, which can be broken. It listens
// on a free port of loopback.
type proxy struct {
	listener        net.Listener
	network, target string
	running         sync.WaitGroup
	closed          chan struct{}
	// up is the way to the target, down the way back.
	up, down way

	mu    sync.Mutex
	conns map[net.Conn]bool
	isCut bool
	// passing is closed while what is sent goes through.
	passing chan struct{}
}

func newProxy(network, target string) (*proxy, error) {
	return newProxyWith(network, target, endless, endless)
}

// newProxyWith is a proxy whose connections end where a way does, after so many
// bytes.
func newProxyWith(network, target string, up, down int) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, network: network, target: target, up: way{length: up}, down: way{length: down},
		closed: make(chan struct{}), conns: map[net.Conn]bool{}, passing: make(chan struct{})}
	close(p.passing)
	p.running.Go(p.accept)
	return p, nil
}

// endless is the length of a way that does not end.
const endless = -1

// way is what of a direction goes through, over all connections.
type way struct {
	// length is after how many bytes it ends.
	length int
	mu     sync.Mutex
	passed int
	ended  bool
}

// let is how many of so many bytes may go through, and whether the way ends then.
func (w *way) let(n int) (some int, ended bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if left := w.length - w.passed; w.length != endless && n >= left {
		n, w.ended = left, true
	}
	w.passed += n
	return n, w.ended
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// cut closes all connections, and those that are opened until heal.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = true
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// stall swallows what is sent until heal, and says so to nobody.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passing = make(chan struct{})
}

// heal ends a cut or a stall; what was swallowed arrives, as when packets are
// sent again.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = false
	select {
	case <-p.passing:
	default:
		close(p.passing)
	}
}

// close ends all and waits for it.
func (p *proxy) close() {
	close(p.closed)
	_ = p.listener.Close()
	p.cut()
	p.running.Wait()
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.join(near) })
	}
}

// join connects a connection to the target, unless the way is cut. While it is
// stalled the target is not reached either.
func (p *proxy) join(near net.Conn) {
	defer p.drop(near)
	if !p.hold(near) || !p.pass() {
		return
	}
	far, err := net.Dial(p.network, p.target)
	if err != nil {
		return
	}
	defer p.drop(far)
	if !p.hold(far) {
		return
	}
	p.running.Go(func() { p.copy(far, near, &p.up) })
	p.copy(near, far, &p.down)
}

// hold counts a connection in, and is false where the way is cut.
func (p *proxy) hold(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = true
	return !p.isCut
}

func (p *proxy) drop(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

// copy carries one direction, and ends both.
func (p *proxy) copy(to, from net.Conn, w *way) {
	defer func() { _ = to.Close() }()
	defer func() { _ = from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !p.pass() {
			return
		}
		n, ended := w.let(n)
		if _, err := to.Write(buffer[:n]); err != nil || ended {
			return
		}
	}
}

// pass waits while the way is stalled, and is false once it is closed.
func (p *proxy) pass() bool {
	p.mu.Lock()
	passing := p.passing
	p.mu.Unlock()
	select {
	case <-passing:
		return true
	case <-p.closed:
		return false
	}
}
