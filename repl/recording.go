package repl

import (
	"context"
	"sync"

	"smtpsh/engine/event"
	"smtpsh/internal/diagram"
	"smtpsh/internal/logfile"
	"smtpsh/transcript"
)

// recording keeps the transcript: in memory for :save, :show and :diagram, and in the
// file of :log.
type recording struct {
	mu       *sync.Mutex // the prompt's
	recorder *recorder
	log      *logfile.File // of :log; nil for none
}

// observe records an event. The caller holds the lock of the prompt.
func (rec *recording) observe(e *event.Event) {
	rec.recorder.Observe(e)
	if rec.log != nil {
		rec.log.Observe(e)
	}
}

// text returns the last lines of the transcript, with times; 0 returns all lines.
func (rec *recording) text(lines int) string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.recorder.log.Text(lines, transcript.WithTimes)
}

// diagram returns the diagram of the transcript. It returns an error if the transcript is
// empty or was too long to be kept.
func (rec *recording) diagram() (*diagram.Diagram, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.recorder.diagram(), rec.recorder.check()
}

// openLog starts writing the transcript to a file, and closes the file before it.
func (rec *recording) openLog(file string) error {
	if err := writable(file); err != nil {
		return err
	}
	f, err := logfile.Open(context.Background(), file, logfile.Options{Text: transcript.TextOptions{Timings: true, ContentLines: -1}})
	if err != nil {
		return wrong("name a writable file", "%s", errText(err))
	}
	if _, err := rec.closeLog(); err != nil {
		f.Close()
		return logError(err)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.log = f
	return nil
}

// closeLog closes the file of :log. It reports whether there was one, and an error if the
// file is incomplete.
func (rec *recording) closeLog() (bool, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if rec.log == nil {
		return false, nil
	}
	err := rec.log.Close()
	rec.log = nil
	return true, err
}
