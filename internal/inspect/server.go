package inspect

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"smtpsh/internal/sandbox"
)

// Limits on connections: at once, at once from one address, and the time for each.
const (
	maxConns   = 128
	maxPerPeer = 32
	patience   = 10 * time.Second
)

// Server answers requests about a sandbox. The caller must close it.
type Server struct {
	ln    net.Listener
	box   *sandbox.Server
	token [sha256.Size]byte

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	peers  map[string]int
	closed bool
	wg     sync.WaitGroup
}

// Listen starts a server at addr (host:port). It answers requests that contain the token.
func Listen(addr, token string, box *sandbox.Server) (*Server, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	s := &Server{ln: ln, box: box, token: sha256.Sum256([]byte(token)), conns: map[net.Conn]struct{}{}, peers: map[string]int{}}
	s.wg.Add(1)
	go s.accept()
	return s, nil
}

// Addr returns the address of the listener.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Close stops listening and closes all connections.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	err := s.ln.Close()
	s.wg.Wait()
	return err
}

func (s *Server) accept() {
	defer s.wg.Done()
	for {
		nc, err := s.ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(10 * time.Millisecond) // the process can be out of file descriptors
			continue
		}
		peer, _, _ := net.SplitHostPort(nc.RemoteAddr().String())
		if !s.enter(nc, peer) {
			nc.Close()
			continue
		}
		go func() {
			defer s.leave(nc, peer)
			s.serve(nc)
		}()
	}
}

// enter counts a connection. It returns false if there are too many.
func (s *Server) enter(nc net.Conn, peer string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= maxConns || s.peers[peer] >= maxPerPeer {
		return false
	}
	s.conns[nc] = struct{}{}
	s.peers[peer]++
	s.wg.Add(1)
	return true
}

func (s *Server) leave(nc net.Conn, peer string) {
	nc.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, nc)
	if s.peers[peer]--; s.peers[peer] == 0 {
		delete(s.peers, peer)
	}
	s.wg.Done()
}

// serve answers one request. It closes the connection after patience.
func (s *Server) serve(nc net.Conn) {
	cfg, err := s.box.TLSConfig()
	if err != nil {
		return
	}
	nc.SetDeadline(time.Now().Add(patience))
	conn := tls.Server(nc, cfg)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if conn.HandshakeContext(ctx) != nil {
		return
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequest)).ReadString('\n')
	if err != nil {
		return
	}
	b, err := json.Marshal(s.answer(strings.TrimRight(line, "\r\n")))
	if err != nil {
		return
	}
	nc.SetDeadline(time.Now().Add(patience))
	conn.Write(b)     //nolint:errcheck // the client may be gone
	conn.CloseWrite() //nolint:errcheck // the client may be gone
}

// answer returns the answer to a request. Without the token it is only an error.
func (s *Server) answer(line string) Answer {
	word, rest, _ := strings.Cut(line, " ")
	token, what, _ := strings.Cut(rest, " ")
	given := sha256.Sum256([]byte(token))
	//mutant:a-token-is-needed-to-read-mailboxes is "| " "| 1 == 2 && "
	if word != hello || subtle.ConstantTimeCompare(given[:], s.token[:]) != 1 {
		return Answer{Error: "wrong token"}
	}
	a := Answer{Profile: s.box.Profile().Name}
	what, number, _ := strings.Cut(what, " ")
	switch what {
	case "accounts":
		a.Accounts = Accounts(s.box.Profile())
	case "messages":
		msgs, left := s.box.Latest(maxList)
		a.Messages, _ = List(msgs)
		a.Left = left
	case "message":
		if n, err := strconv.Atoi(number); err == nil {
			if m, ok := s.box.Message(n); ok {
				a.Message = Find([]sandbox.Message{m}, n, maxData)
			}
		}
		if a.Message != nil && len(a.Message.Envelope) > maxData {
			a.Message.Envelope = a.Message.Envelope[:maxData] + "\n"
		}
	default:
		a.Error = "unknown request"
	}
	return a
}
