package repl

import (
	"context"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/transcript"
)

// raw sends bytes as they are and reads the replies to whole lines among them.
func (r *REPL) raw(ctx context.Context, text string) error {
	s, err := r.live()
	if err != nil {
		return err
	}
	b, err := unescape(text)
	if err != nil {
		return err
	}
	if err := r.write(ctx, s, b); err != nil {
		return err
	}
	if len(b) > 0 && b[len(b)-1] != '\n' {
		r.say(`*  sent; the line is not complete: :raw \r\n ends it`)
	}
	return nil
}

// write sends bytes and reads the replies to what is complete in them.
func (r *REPL) write(ctx context.Context, s *engine.Session, b []byte) error {
	if err := s.Write(ctx, b); err != nil {
		return err
	}
	for s.Unread() > 0 {
		if err := r.answer(s.ReadReply(ctx, 0)); err != nil {
			return err
		}
	}
	return nil
}

// unescape reads the escapes of :raw.
func unescape(text string) ([]byte, error) {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		if i++; i == len(text) {
			return nil, wrong(`write \\ for a backslash`, "the backslash at the end means nothing")
		}
		switch text[i] {
		case 'r':
			out = append(out, '\r')
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case '0':
			out = append(out, 0)
		case '\\':
			out = append(out, '\\')
		case 'x':
			if i+2 >= len(text) {
				return nil, wrong(`as in \x0d`, `\x wants two hexadecimal digits`)
			}
			n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				return nil, wrong(`as in \x0d`, `\x%s: these are not two hexadecimal digits`, transcript.Escape(text[i+1:i+3]))
			}
			out = append(out, byte(n))
			i += 2
		default:
			return nil, wrong(`there are \r \n \t \0 \\ and \xHH`, `\%s is no escape`, transcript.Escape(firstRune(text[i:])))
		}
	}
	return out, nil
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return strings.Clone(s)
}
