package docgen

import (
	"bytes"
	"fmt"

	"smtpsh/engine/event"
	"smtpsh/internal/cli"
	"smtpsh/internal/jsondoc"
	"smtpsh/internal/lessons"
	"smtpsh/internal/load"
	"smtpsh/internal/testrun"
	"smtpsh/transcript"
)

// published lists the JSON files that smtpsh writes for other programs.
var published = []struct {
	title, doc string
	value      any
	after      func(*bytes.Buffer)
}{
	{"Test report", "`smtpsh test --report-json FILE` writes one object.", testrun.JSONReport{}, nil},
	{"Load report", "`smtpsh load --report-json FILE` writes one object.", load.Report{}, nil},
	{"Result of send", "`smtpsh send --json` prints one object.", cli.SendReport{}, nil},
	{"Transcript", jsonlDoc, transcript.Record{}, eventTable},
	{"Learner's report", "`smtpsh learn --export FILE.json` writes one object.", lessons.Report{}, nil},
}

const jsonlDoc = "`--log FILE.jsonl`, `--format jsonl` and `:save FILE.jsonl` write one object for each event, " +
	"on a line of its own."

// eventTable lists the kinds of events.
func eventTable(b *bytes.Buffer) {
	b.WriteString("\n| event | |\n|---|---|\n")
	for _, k := range event.Kinds() {
		fmt.Fprintf(b, "| `%s` | %s |\n", k, cell(k.Doc()))
	}
}

// jsonPage lists the keys of the JSON files.
func jsonPage() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# JSON files\n\n" + generated + `
This page lists every key of the JSON that smtpsh writes for other programs. A key marked
"optional" is omitted if its value is empty, false or 0. New keys may be added. The changelog
lists keys that are renamed or removed.
`)
	for _, p := range published {
		keys, err := jsondoc.Keys(p.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| key | type | |\n|---|---|---|\n", p.title, p.doc)
		for _, k := range keys {
			typ := k.Type
			if k.Optional {
				typ += ", optional"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Path, typ, cell(k.Doc))
		}
		if p.after != nil {
			p.after(&b)
		}
	}
	return b.Bytes(), nil
}
