package repl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/diagram"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

// recorder keeps what was said since the prompt began, secrets masked.
type recorder struct {
	records []transcript.Record
	start   time.Time
	log     *transcript.Log
	octets  int
	full    bool
}

// maxRecorded bounds what is kept; a recording with its beginning or end missing
// could not be replayed, so beyond it there is none.
const maxRecorded = 8 << 20

// perRecord is what a record takes besides its data, about.
const perRecord = 300

func newRecorder() *recorder { return &recorder{log: transcript.NewLog()} }

// Observe keeps an event.
func (c *recorder) Observe(e *event.Event) {
	c.log.Observe(e)
	if c.full || e.Kind == event.Progress {
		return
	}
	if c.start.IsZero() {
		c.start = e.Time
	}
	rec := transcript.NewRecord(e, false)
	rec.At = e.Time.Sub(c.start).Seconds()
	if c.octets += len(e.Data) + perRecord; c.octets > maxRecorded {
		c.full, c.records = true, nil
		return
	}
	c.records = append(c.records, rec)
}

func (c *recorder) check() error {
	switch {
	case c.full:
		return wrong(":log FILE.jsonl keeps any length, from now on", "more was said than can be kept (%s)", size(maxRecorded))
	case len(c.records) == 0:
		return wrong("say something first", "nothing was said yet")
	}
	return nil
}

// jsonl writes the records as JSON lines.
func (c *recorder) jsonl() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(transcript.JSONWriter(&b))
	enc.SetEscapeHTML(false)
	for _, r := range c.records {
		if err := enc.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// diagram draws the records.
func (c *recorder) diagram() *diagram.Diagram {
	return diagram.New("An SMTP conversation", c.records)
}

// endings are the files that a conversation can be saved as.
var endings = []struct{ ending, what string }{
	{".smtp", "a dialogue of C: and S: lines, to be run and tested"},
	{".lua", "a Lua script, to be run and tested"},
	{".jsonl", "every event as a JSON line"},
	{".txt", "the transcript as text"},
	{".html", "the diagram as a page"},
	{".svg", "the diagram as a picture"},
}

// render makes the content of a file by its ending.
func (r *REPL) render(file string) ([]byte, error) {
	ending := strings.ToLower(filepath.Ext(file))
	if !slices.ContainsFunc(endings, func(e struct{ ending, what string }) bool { return e.ending == ending }) {
		return nil, unknownEnding(file)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.record.check(); err != nil {
		return nil, err
	}
	title := "saved from the prompt, " + time.Now().Format("2006-01-02 15:04")
	var b bytes.Buffer
	switch ending {
	case ".jsonl":
		return r.record.jsonl()
	case ".html":
		err := r.record.diagram().HTML(&b)
		return b.Bytes(), err
	case ".svg":
		err := r.record.diagram().SVG(&b)
		return b.Bytes(), err
	case ".txt":
		return []byte(r.record.log.Text(0, true)), nil
	case ".smtp", ".lua":
		lines, err := r.record.jsonl()
		if err != nil {
			return nil, err
		}
		rec, err := dialogue.Read(context.Background(), bytes.NewReader(lines))
		if err != nil {
			return nil, wrong("say something first", "there is nothing to save: %v", err)
		}
		if ending == ".lua" {
			return []byte(rec.WriteLua(title)), nil
		}
		return []byte(rec.WriteDialogue(title)), nil
	}
	return nil, unknownEnding(file)
}

// unknownEnding lists what a conversation can be saved as.
func unknownEnding(file string) error {
	var known []string
	for _, e := range endings {
		known = append(known, e.ending+" ("+e.what+")")
	}
	return wrong("name it with one of "+strings.Join(known, ", "), "%s has none of the known endings", transcript.Escape(file))
}

// save writes a file that must not exist yet, unless the person says so with "!".
func (r *REPL) save(file string, over bool) error {
	content, err := r.render(file)
	if err == nil {
		err = writable(file)
	}
	if err != nil {
		return err
	}
	put := wholefile.Create
	if over {
		put = wholefile.Replace
	}
	switch err := put(file, content, 0o600); {
	case errors.Is(err, fs.ErrExist):
		return wrong("choose another name, or :save "+file+" ! to write over it", "%s exists", transcript.Escape(file))
	case err != nil:
		return wrong("name a file that can be written, where there is room", "%s", errText(err))
	}
	hint := ""
	switch strings.ToLower(filepath.Ext(file)) {
	case ".smtp", ".lua":
		hint = "replay it with: smtpsh test " + shellWord(file) + loginFlags(string(content))
	case ".html", ".svg":
		hint = "open it in a browser"
	}
	r.say("*  saved %s, %s", transcript.Escape(file), size(int64(len(content))))
	if hint != "" {
		r.say("   %s", hint) // on a line of its own, to be copied
	}
	return nil
}

// loginFlags are what a replay with a login in it needs to be given.
func loginFlags(content string) string {
	flags := ""
	for _, m := range wanted().FindAllStringSubmatch(content, -1) {
		flag := " --secret " + m[2] + "=@prompt"
		if m[1] == "var" || m[1] == "get" {
			flag = " --var " + m[2] + "=NAME"
		}
		if !strings.Contains(flags, flag) {
			flags += flag
		}
	}
	return flags
}

// wanted finds the variables of logins in a dialogue and in Lua.
var wanted = lazyregexp.New(`(?:\{|vars\.)(var|secret|get)(?::|\(")((?:refused_)?(?:user|pass|token))\b`)

func shellWord(s string) string {
	s = transcript.Escape(s)
	if strings.ContainsAny(s, " '\"\\$`") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// errText is a file error without the name of the system call.
func errText(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return transcript.Escape(fmt.Sprintf("%s: %v", p.Path, p.Err))
	}
	return transcript.Escape(err.Error())
}

// openLog begins :log to a file.
func (r *REPL) openLog(file string) error {
	if err := writable(file); err != nil {
		return err
	}
	f, err := wholefile.Append(context.Background(), file, 0o600)
	if err != nil {
		return wrong("name a file that can be written", "%s", errText(err))
	}
	if _, err := r.closeLog(); err != nil {
		f.Close()
		return logError(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logFile = f
	if strings.ToLower(filepath.Ext(file)) == ".jsonl" {
		r.log = transcript.NewJSON(f, false)
	} else {
		r.log = transcript.NewText(f, transcript.TextOptions{Timings: true, ContentLines: -1})
	}
	return nil
}

// closeLog ends :log; it reports whether there was one, and what went wrong.
func (r *REPL) closeLog() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.logFile == nil {
		return false, nil
	}
	var err error
	if sink, ok := r.log.(interface{ Err() error }); ok {
		err = sink.Err()
	}
	if cerr := r.logFile.Close(); err == nil {
		err = cerr
	}
	r.log, r.logFile = nil, nil
	return true, err
}
