package smtpmod

import (
	"context"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/message"
	"smtpsh/luabind"
	"smtpsh/luabind/filemod"
)

// contentArg returns a string, or a message in the form for the server of the session.
func contentArg(c *luabind.Call, i int) (string, error) {
	if ud, ok := c.Arg(i).(*lua.LUserData); ok {
		switch v := ud.Value.(type) {
		case *message.Message:
			content, done, _, err := prepare(c.Self.(*Session), v)
			if err != nil {
				return "", err
			}
			defer done()
			return allOf(content)
		case *filemod.File:
			r, err := v.Reader()
			if err != nil {
				return "", err
			}
			return allOf(r)
		}
	}
	return lua.LVAsString(c.Arg(i)), nil
}

// allOf reads a content into memory.
func allOf(r io.Reader) (string, error) {
	var b strings.Builder
	_, err := io.Copy(&b, io.LimitReader(r, luabind.MaxMessage+1))
	if err == nil && b.Len() > luabind.MaxMessage {
		err = luabind.UsageError("the content has more than %d bytes, which is too much for this form: omit raw and size", luabind.MaxMessage)
	}
	return b.String(), err
}

func sayData(c *luabind.Call) error {
	if t := c.Table(1); t != nil && lua.LVAsBool(t.RawGetString("raw")) {
		if _, ok := c.Arg(0).(*lua.LFunction); ok {
			return luabind.UsageError("data: raw content must be a string")
		}
		content, err := contentArg(c, 0)
		if err != nil {
			return err
		}
		return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return rawData(ctx, s, content) })
	}
	content, done, err := readerArg(c, 0)
	if err != nil {
		return err
	}
	defer done()
	if t := c.Table(1); t != nil && lua.LVAsBool(t.RawGetString("long_lines")) {
		long := engine.AnyLength(content)
		return deliveries(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Data(ctx, long) })
	}
	return deliveries(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return s.Data(ctx, content) })
}

// readerArg returns an argument that is a message: a text, a message, a file, or a function that
// returns it piece by piece. done must be called at the end.
func readerArg(c *luabind.Call, i int) (content io.Reader, done func(), err error) {
	switch v := c.Arg(i).(type) {
	case *lua.LFunction:
		return &pieces{c: c, fn: v, thread: c.VM.Thread(c.Context())}, nothing, nil
	case *lua.LUserData:
		switch v := v.Value.(type) {
		case *message.Message:
			content, done, _, err = prepare(c.Self.(*Session), v)
			return content, done, err
		case *filemod.File:
			r, err := v.Reader()
			return r, nothing, err
		}
	}
	text, err := contentArg(c, i)
	return strings.NewReader(text), nothing, err
}

// streamed reports whether an argument is read piece by piece.
func streamed(v lua.LValue) bool {
	switch v := v.(type) {
	case *lua.LFunction:
		return true
	case *lua.LUserData:
		m, ok := v.Value.(*message.Message)
		_, file := v.Value.(*filemod.File)
		return file || ok && m.Stream() != nil
	}
	return false
}

// pieces reads what a function of the script returns, one piece for each call, up to nil.
// It is read while the script waits, and takes the lock for each call.
type pieces struct {
	c      *luabind.Call
	fn     *lua.LFunction
	thread *lua.LState
	rest   string
	over   bool
}

// Read returns a part of the piece, or calls the function for the next one.
func (p *pieces) Read(b []byte) (int, error) {
	for p.rest == "" {
		if p.over {
			return 0, io.EOF
		}
		if err := p.next(); err != nil {
			p.over = true
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pieces) next() error {
	vm := p.c.VM
	vm.Lock()
	defer vm.Unlock()
	if err := vm.Call(p.thread, p.fn, 1); err != nil {
		return vm.ScriptError(err)
	}
	defer p.thread.SetTop(0)
	switch v := p.thread.Get(-1); v := v.(type) {
	case lua.LString:
		p.rest = string(v)
	case *lua.LNilType:
		p.over = true
	default:
		return luabind.UsageError("data: the function must return a string, or nil at the end, got %s", luabind.TypeName(v))
	}
	return nil
}

// rawData sends bytes unchanged after a 354.
func rawData(ctx context.Context, s *Session, content string) (*reply.Reply, error) {
	r, err := s.Do(ctx, "DATA")
	if err != nil || r.Code != 354 {
		return r, err
	}
	if err := s.Write(ctx, []byte(content)); err != nil {
		return nil, err
	}
	r, err = s.ReadReply(ctx, 0)
	for err == nil && s.Unread() > 0 { // LMTP replies for each recipient
		var next *reply.Reply
		if next, err = s.ReadReply(ctx, 0); err == nil && next.Code > r.Code {
			r = next
		}
	}
	return r, err
}

// deliveries returns the reply to a message. The list of LMTP's replies is a second value.
func deliveries(c *luabind.Call, f func(ctx context.Context, s *Session) (*reply.Reply, error)) error {
	if err := exchange(c, f); err != nil {
		return err
	}
	s := c.Self.(*Session)
	if d := s.Deliveries(); d != nil {
		t := c.L.NewTable()
		for _, one := range d {
			t.Append(replyValue(c, s, one.Reply))
		}
		c.Push(t)
	}
	return nil
}
