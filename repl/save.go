package repl

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/shellword"
	"smtpsh/transcript"
)

// endings are the file types of :save.
var endings = []struct{ ending, what string }{
	{".smtp", "a dialogue of C: and S: lines for smtpsh run and smtpsh test"},
	{".lua", "a Lua test for smtpsh test"},
	{".jsonl", "every event as a JSON line"},
	{".txt", "a transcript"},
	{".html", "an HTML page with the diagram"},
	{".svg", "an SVG picture of the diagram"},
}

// render returns the content of a file in the format of its type.
func (rec *recording) render(file string) ([]byte, error) {
	ending := strings.ToLower(filepath.Ext(file))
	if !slices.ContainsFunc(endings, func(e struct{ ending, what string }) bool { return e.ending == ending }) {
		return nil, unknownEnding(file)
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if err := rec.recorder.check(); err != nil {
		return nil, err
	}
	title := "saved from the prompt, " + time.Now().Format("2006-01-02 15:04")
	var b bytes.Buffer
	switch ending {
	case ".jsonl":
		return rec.recorder.jsonl()
	case ".html":
		err := rec.recorder.diagram().HTML(&b)
		return b.Bytes(), err
	case ".svg":
		err := rec.recorder.diagram().SVG(&b)
		return b.Bytes(), err
	case ".txt":
		return []byte(rec.recorder.log.Text(0, transcript.WithTimes)), nil
	case ".smtp", ".lua":
		lines, err := rec.recorder.jsonl()
		if err != nil {
			return nil, err
		}
		recorded, err := dialogue.Read(context.Background(), bytes.NewReader(lines))
		if err != nil {
			return nil, wrong("send a command first", "nothing to save: %v", err)
		}
		if ending == ".lua" {
			return []byte(recorded.WriteLua(title)), nil
		}
		return []byte(recorded.WriteDialogue(title)), nil
	}
	return nil, unknownEnding(file)
}

// unknownEnding is the error for an unknown file type; its hint lists the known ones.
func unknownEnding(file string) error {
	var known []string
	for _, e := range endings {
		known = append(known, e.ending+" ("+e.what+")")
	}
	return wrong("known file types: "+strings.Join(known, ", "), "unknown file type: %s", transcript.Escape(file))
}

// save writes the transcript to a file. write is a function of package wholefile.
func (r *REPL) save(file string, write func(file string, content []byte, mode fs.FileMode) error) error {
	content, err := r.recording.render(file)
	if err == nil {
		err = writable(file)
	}
	if err != nil {
		return err
	}
	//mutant:saved-conversations-are-for-their-owner-only is "0o600" "0o644"
	switch err := write(file, content, 0o600); {
	case errors.Is(err, fs.ErrExist):
		return wrong("choose another name, or :save "+file+" ! to overwrite it", "%s exists", transcript.Escape(file))
	case err != nil:
		return wrong("name a file in a writable folder with free disk space", "%s", errText(err))
	}
	hint := ""
	switch strings.ToLower(filepath.Ext(file)) {
	case ".smtp", ".lua":
		hint = "replay it with: smtpsh test " + shellword.Quote(transcript.Escape(file)) + loginFlags(string(content))
	case ".html", ".svg":
		hint = "open it in a browser"
	}
	r.screen.say("*  saved %s, %s", transcript.Escape(file), size(int64(len(content))))
	if hint != "" {
		r.screen.say("   %s", hint) // on its own line, so that it can be copied
	}
	return nil
}

// loginFlags returns the flags that set the credentials when the file is replayed.
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

// wanted matches the variables of logins in a dialogue or in Lua.
var wanted = lazyregexp.New(`(?:\{|vars\.)(var|secret|get)(?::|\(")((?:refused_)?(?:user|pass|token))\b`)
