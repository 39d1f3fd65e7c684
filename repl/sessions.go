package repl

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/tutor"
	"smtpsh/transcript"
)

// sessions are the sessions of the prompt, and which of them is the current one. The
// list and the current one change while nobody listens.
type sessions struct {
	mu     *sync.Mutex // the prompt's
	in     *input
	screen *screen
	tutor  *tutor.Tutor // of all: what one session has explained is not explained again

	list       []*session
	current    *session // nil before the first
	lastNumber int      // the number that was given last
	dialed     int      // connections made: the labels of their events
}

// add makes another session, with a number of its own.
func (ss *sessions) add() *session {
	ss.lastNumber++
	sess := &session{number: ss.lastNumber}
	ss.list = append(ss.list, sess)
	return sess
}

// removeLast takes back the session that was added last, and makes current the one before.
func (ss *sessions) removeLast(current *session) {
	ss.list = ss.list[:len(ss.list)-1]
	ss.lastNumber--
	ss.current = current
}

// setCurrent makes another session the current one.
func (ss *sessions) setCurrent(sess *session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.current = sess
}

// live returns the engine's session of the current one if it can be spoken on.
func (ss *sessions) live() (*engine.Session, error) {
	if !ss.current.usable() {
		return nil, errNotConnected
	}
	return ss.current.smtp, nil
}

var errNotConnected = &InputError{&hinted{"not connected", ":reconnect opens a new session to the same server, :open TARGET to another"}}

// numbered finds a session by its number.
func (ss *sessions) numbered(text string) (*session, error) {
	n, err := strconv.Atoi(text)
	for _, sess := range ss.list {
		if err == nil && sess.number == n {
			return sess, nil
		}
	}
	return nil, wrong(":connections lists the sessions, :connections add TARGET opens one", "session %s does not "+
		"exist", transcript.Escape(text))
}

// listen tells of what servers say while a person types. The function that it returns
// ends that; afterwards the sessions may be used again.
func (ss *sessions) listen(ctx context.Context) (stop func()) {
	if !ss.in.Terminal() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, sess := range ss.list {
		if !sess.usable() {
			continue
		}
		running.Go(func() { ss.listenTo(ctx, sess) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// unaskedTime is how long the rest of a reply that nobody asked for may take.
const unaskedTime = 2 * time.Second

// maxUnasked is how many replies that nobody asked for a server may send while one line
// is typed: a 421, or a few by mistake.
const maxUnasked = 20

func (ss *sessions) listenTo(ctx context.Context, sess *session) {
	for n := 0; ctx.Err() == nil; n++ {
		if n == maxUnasked {
			target := transcript.Escape(sess.target)
			ss.screen.say("*  %s sent %d replies that answer no command; the connection is closed", target, n)
			sess.smtp.Close()
			ss.gone(sess)
			return
		}
		heard, err := sess.smtp.Listen(ctx)
		if err != nil {
			ss.gone(sess)
			if !errors.Is(err, engine.ErrClosed) {
				ss.screen.complain(err)
			}
			return
		}
		if !heard {
			return
		}
		if sess.smtp.State() == engine.InAuth || sess.smtp.Unread() > 0 {
			return // it is an answer that was given up
		}
		// a reply that has begun is read to its end
		if _, err := sess.smtp.ReadReply(context.WithoutCancel(ctx), unaskedTime); err != nil {
			ss.gone(sess)
			return
		}
	}
}

// gone changes the prompt when the session that it speaks of is over. A person who is
// typing a text is told, and goes on at a prompt that says so: what is typed is kept. It
// is called while a line is read.
func (ss *sessions) gone(sess *session) {
	if sess != ss.current {
		return
	}
	prompt, messageLost := ss.in.serverGone()
	if messageLost {
		ss.screen.say("*  the connection is closed, so the message cannot be sent. Your text is kept; a line with a single dot ends it")
	}
	if prompt == "" {
		prompt = ss.prompt()
	}
	ss.in.SetPrompt(prompt)
}
