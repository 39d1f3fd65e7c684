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

// sessions are the sessions of the prompt. The list and the current session change only
// while listen does not run.
type sessions struct {
	mu     *sync.Mutex // the prompt's
	in     *input
	screen *screen
	tutor  *tutor.Tutor // shared by all sessions, so that nothing is explained twice

	list       []*session
	current    *session // nil before the first session
	lastNumber int      // the number of the newest session
	dialed     int      // number of connections so far; labels the events
}

// add adds a session with a new number.
func (ss *sessions) add() *session {
	ss.lastNumber++
	sess := &session{number: ss.lastNumber}
	ss.list = append(ss.list, sess)
	return sess
}

// removeLast removes the session that was added last, and sets the current session.
func (ss *sessions) removeLast(current *session) {
	ss.list = ss.list[:len(ss.list)-1]
	ss.lastNumber--
	ss.current = current
}

// setCurrent sets the current session.
func (ss *sessions) setCurrent(sess *session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.current = sess
}

// live returns the current session of the engine. It returns an error if no command can be
// sent on it.
func (ss *sessions) live() (*engine.Session, error) {
	if !ss.current.usable() {
		return nil, errNotConnected
	}
	return ss.current.smtp, nil
}

var errNotConnected = &InputError{&hinted{"not connected", ":reconnect opens a new session to the same server, :open TARGET to another"}}

// numbered returns the session with a number.
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

// listen shows what servers send while the user types. The sessions must not be used
// before stop has returned.
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

// unaskedTime is the time limit for the rest of a reply that answers no command.
const unaskedTime = 2 * time.Second

// maxUnasked is the largest number of replies that answer no command while one line is
// typed. A server can send a 421, or a few replies by mistake.
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
			return // it is the reply to a command whose wait was canceled
		}
		// read a reply that has begun to its end
		if _, err := sess.smtp.ReadReply(context.WithoutCancel(ctx), unaskedTime); err != nil {
			ss.gone(sess)
			return
		}
	}
}

// gone changes the prompt when the current session has ended while a line is read. A user
// who types a message sees a note and continues at another prompt; the text is kept.
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
