package repl

import (
	"context"
	"sync"

	"smtpsh/engine/event"
	"smtpsh/internal/diagram"
	"smtpsh/internal/logfile"
	"smtpsh/transcript"
)

// recording is what is kept of the conversation: in memory for :save, :show and
// :diagram, and in the file of :log.
type recording struct {
	mu       *sync.Mutex // the prompt's
	recorder *recorder
	log      *logfile.File // of :log; nil for none
}

// observe keeps an event. The prompt's lock is held.
func (rec *recording) observe(e *event.Event) {
	rec.recorder.Observe(e)
	if rec.log != nil {
		rec.log.Observe(e)
	}
}

// text is the conversation with times, or its last lines; 0 stands for all of them.
func (rec *recording) text(lines int) string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.recorder.log.Text(lines, transcript.WithTimes)
}

// diagram draws the conversation. It is an error when nothing was said, or too much.
func (rec *recording) diagram() (*diagram.Diagram, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.recorder.diagram(), rec.recorder.check()
}

// openLog begins :log to a file.
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

// closeLog ends :log; it reports whether there was one, and what went wrong.
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
