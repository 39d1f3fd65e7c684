package repl

import (
	"bytes"
	"encoding/json"
	"time"

	"smtpsh/engine/event"
	"smtpsh/internal/diagram"
	"smtpsh/transcript"
)

// recorder keeps the transcript since the prompt began, with secrets masked.
type recorder struct {
	records []transcript.Record
	start   time.Time
	log     *transcript.Log
	octets  int
	full    bool
}

// maxRecorded is the largest size of the recording, in bytes. A longer recording is
// dropped, because a part of it could not be replayed.
const maxRecorded = 8 << 20

// perRecord is the approximate size of a record without its data, in bytes.
const perRecord = 300

func newRecorder() *recorder { return &recorder{log: transcript.NewLog()} }

// Observe records an event.
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
		return wrong(":log FILE.jsonl keeps a transcript of any length, from now on", "the transcript is longer than %s and "+
			"is not kept", size(maxRecorded))
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

// diagram returns the diagram of the records.
func (c *recorder) diagram() *diagram.Diagram {
	return diagram.New("An SMTP session", c.records)
}
