package repl

import (
	"context"
	"strconv"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/luabind/smtpmod"
)

// connect opens a session and makes it the current one. It replaces sess; if sess is nil,
// it adds a session.
func (r *REPL) connect(ctx context.Context, target string, sess *session, flags *connFlags) error {
	if sess == nil {
		sess = r.sessions.add()
	}
	before := r.sessions.current
	sess.target, sess.smtp, sess.lastReply, sess.lastVerb, sess.offers = r.opts.Dialer.Resolve(target), nil, nil, "", nil
	sess.handshake, sess.flags, sess.upLogin, r.in.refused = handshake{}, flags, nil, refusedCommand{}
	sess.tutor = r.sessions.tutor.Another()
	sess.lua = smtpmod.NewSession(nil, nil)
	r.sessions.current = sess
	r.sessions.dialed++
	label := "" // a log of a single session has no labels
	if r.sessions.dialed > 1 {
		label = strconv.Itoa(r.sessions.dialed)
	}
	s, err := r.opts.Dialer.Dial(ctx, target, func(o *engine.Options, _ *engine.Target) {
		flags.apply(o)
		o.Label = label
		o.Observer = event.Tee(event.Func(func(e *event.Event) { r.saw(sess, e) }), sess.lua.Observer(), r.opts.Log, o.Observer)
	})
	if err != nil {
		if before != nil && before != sess { // remove the session that was added
			r.sessions.removeLast(before)
		}
		return err
	}
	sess.smtp, sess.lua.Session = s, s
	r.tellLua()
	return r.judge(s.Greeting())
}
