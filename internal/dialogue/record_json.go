package dialogue

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"smtpsh/transcript"
)

// readJSON reads JSON lines, as --log FILE.jsonl writes them.
// The first line that is read follows line before.
func readJSON(ctx context.Context, in io.Reader, before int) (*Recording, error) {
	r := newReader(ctx)
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 64<<20)
	for n := before + 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		if err := r.take(); err != nil {
			return nil, err
		}
		var rec transcript.Record
		if err := json.Unmarshal(sc.Bytes(), &rec); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := r.record(&rec); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return r.recording(), sc.Err()
}

func (r *reader) record(rec *transcript.Record) error {
	data := ""
	switch {
	case rec.Data != nil:
		data = *rec.Data
	case rec.Base64 != "":
		b, err := base64.StdEncoding.DecodeString(rec.Base64)
		if err != nil {
			return err
		}
		data = string(b)
	}
	switch rec.Event {
	case "connected":
		r.addSession(rec.Session, rec.Target)
		return nil
	case "line-sent", "line-received", "chunk-sent":
	default:
		return nil
	}
	s := r.session(rec.Session)
	switch {
	case rec.Event == "line-received":
		line := strings.TrimSuffix(strings.TrimSuffix(data, "\n"), "\r")
		if !isReplyLine(line) {
			r.garbage(s, line)
			break
		}
		r.received(s, line)
	case rec.Event == "chunk-sent" && rec.Content, rec.Event == "line-sent" && rec.Content:
		r.content(s, data, carrier(!r.inData[s]))
	case rec.Event == "chunk-sent":
		r.add(Item{Session: s, Kind: "write", Text: data})
	case r.inData[s] && data == ".\r\n":
		r.content(s, data, byDATA)
	case !strings.HasSuffix(data, "\r\n"), strings.HasPrefix(data, "PROXY "): // which nothing answers
		r.add(Item{Session: s, Kind: "write", Text: data})
	default:
		r.sent(s, strings.TrimSuffix(data, "\r\n"))
	}
	return nil
}
