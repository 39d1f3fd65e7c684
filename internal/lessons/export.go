package lessons

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"smtpsh/internal/lazyregexp"
)

// Report contains the progress of one learner in the course, for a teacher.
type Report struct {
	Learner string           `json:"learner" doc:"name of the learner"`
	Made    time.Time        `json:"made" doc:"when the report was made"`
	Lessons []LessonAchieved `json:"lessons" doc:"all lessons of the course"`
}

// LessonAchieved is the progress in one lesson of a [Report].
type LessonAchieved struct {
	Number int    `json:"number" doc:"number of the lesson"`
	Name   string `json:"name" doc:"name of the lesson"`
	Title  string `json:"title" doc:"title of the lesson"`
	Record
}

// Report returns the progress in all lessons of the course, with learner as the name.
func (s *School) Report(learner string) Report {
	r := Report{Learner: learner, Made: time.Now().Truncate(time.Second)}
	for _, e := range Entries() {
		rec := s.Progress.Record(e.Name)
		if rec.Of == 0 { // not begun, or stored by an earlier version without counts
			rec.Of = e.steps()
			if !rec.Finished.IsZero() {
				rec.Steps = rec.Of
			}
		}
		r.Lessons = append(r.Lessons, LessonAchieved{e.Number, e.Name, e.Title, rec})
	}
	return r
}

var goalLine = lazyregexp.New(`(?m)^\s*goal\s*=`)

// steps counts the steps of a lesson in its source, without running it.
func (e Entry) steps() int { return len(goalLine().FindAllIndex(e.Source, -1)) }

// CheckExportName returns an error unless file ends in .json or .csv. The ending selects
// the format of the report.
func CheckExportName(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".json", ".csv":
		return nil
	}
	return fmt.Errorf("unsupported file type %s: the name must end in .json or .csv", file)
}

// Encode returns the report as JSON or CSV, according to the ending of file.
func (r Report) Encode(file string) ([]byte, error) {
	if err := CheckExportName(file); err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(file), ".json") {
		b, err := json.MarshalIndent(r, "", "  ")
		return append(b, '\n'), err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"learner", "number", "lesson", "title", "steps", "of", "begun", "finished", "seconds"}}
	for _, l := range r.Lessons {
		rows = append(rows,
			[]string{
				cell(r.Learner), strconv.Itoa(l.Number), l.Name, l.Title,
				strconv.Itoa(l.Steps), strconv.Itoa(l.Of), stamp(l.Begun), stamp(l.Finished),
				strconv.Itoa(l.Seconds),
			})
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// cell quotes a name that a spreadsheet would interpret as a formula.
func cell(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
