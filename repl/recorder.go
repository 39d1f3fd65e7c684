package repl

import (
	"bytes"
	"encoding/json"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/diagram"
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
	rec := transcript.NewRecord(e, transcript.MaskSecrets)
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
		return wrong(":log FILE.jsonl keeps a transcript of any length, from now on", "the transcript is too long to be kept "+
			"(%s)", size(maxRecorded))
	case len(c.records) == 0:
		return wrong("send a command first", "the transcript is empty")
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
	return diagram.New("An SMTP session", c.records)
}
