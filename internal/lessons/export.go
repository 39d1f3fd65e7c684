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

// Report is what one learner has achieved in the course, for a teacher.
type Report struct {
	Learner string           `json:"learner" doc:"name of the learner"`
	Made    time.Time        `json:"made" doc:"when the report was made"`
	Lessons []LessonAchieved `json:"lessons" doc:"all lessons of the course"`
}

// LessonAchieved is a lesson in a [Report]; all lessons of the course are in it.
type LessonAchieved struct {
	Number int    `json:"number" doc:"number of the lesson"`
	Name   string `json:"name" doc:"name of the lesson"`
	Title  string `json:"title" doc:"title of the lesson"`
	Record
}

// Report makes the report of the learner with a name.
func (s *School) Report(learner string) Report {
	r := Report{Learner: learner, Made: time.Now().Truncate(time.Second)}
	for _, e := range Entries() {
		rec := s.Progress.Record(e.Name)
		if rec.Of == 0 { // not begun, or finished with an earlier version
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

// steps counts the steps of a lesson of the course without running it.
func (e Entry) steps() int { return len(goalLine().FindAllIndex(e.Source, -1)) }

// CheckExportName reports what is wrong with the name of a file for a report: it must
// end in .json or .csv, which decides the form.
func CheckExportName(file string) error {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".json", ".csv":
		return nil
	}
	return fmt.Errorf("%s ends in neither .json nor .csv", file)
}

// Encode writes the report in the form that the name of a file asks for.
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

// cell keeps a spreadsheet from taking a name for a formula.
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
