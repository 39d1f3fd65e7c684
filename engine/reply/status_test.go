package reply

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rfcItem is the form of one item in an RFC field.
var rfcItem = regexp.MustCompile(`^(RFC \d{3,4}( section \d+(\.\d+)*)?|draft-[a-z0-9-]+)$`)

func checkRFC(t *testing.T, key, field string) {
	t.Helper()
	for _, item := range strings.Split(field, "; ") {
		if !rfcItem.MatchString(item) {
			t.Errorf("%s: RFC item %q has an unexpected form", key, item)
		}
	}
}

// checkProse checks that every named field is filled, trimmed, ASCII and ends like a
// sentence, and that no two fields are equal.
func checkProse(t *testing.T, key string, fields ...string) {
	t.Helper()
	for i, field := range fields {
		switch {
		case field == "" || field != strings.TrimSpace(field):
			t.Errorf("%s: field %d is empty or padded: %q", key, i, field)
		case !strings.HasSuffix(field, "."):
			t.Errorf("%s: field %d does not end with a full stop: %q", key, i, field)
		case slices.Contains(fields[:i], field):
			t.Errorf("%s: field %d repeats another one: %q", key, i, field)
		}
		if strings.ContainsFunc(field, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%s: field %d is not plain ASCII: %q", key, i, field)
		}
	}
}

func TestStatusesAreComplete(t *testing.T) {
	rows := Statuses()
	if len(rows) != 46 {
		t.Fatalf("%d basic codes, want 46", len(rows))
	}
	standings := []string{"standard", "registry", "listed", "historic", "draft", "experimental"}
	last := 0
	for _, row := range rows {
		key := strconv.Itoa(row.Code)
		if row.Code <= last || row.Code < 200 || row.Code > 599 {
			t.Errorf("%s: out of order or out of range", key)
		}
		last = row.Code
		if row.Name == "" || strings.HasSuffix(row.Name, ".") || row.Heard == "" {
			t.Errorf("%s: name %q, heard %q", key, row.Name, row.Heard)
		}
		checkProse(t, key, row.Meaning, row.Cause, row.Try)
		checkRFC(t, key, row.RFC)
		if !slices.Contains(standings, row.Standing) {
			t.Errorf("%s: standing %q", key, row.Standing)
		}
		if class, _ := ClassOf(row.Code); class == "" {
			t.Errorf("%s: no class", key)
		}
		got, ok := LookupStatus(row.Code)
		if !ok || got != row {
			t.Errorf("%s: lookup gives %+v, %v", key, got, ok)
		}
	}
}

func TestStatusesReturnsACopy(t *testing.T) {
	Statuses()[0].Name = "changed"
	EnhancedClasses()[0].Name = "changed"
	EnhancedSubjects()[0].Name = "changed"
	EnhancedStatuses()[0].Name = "changed"
	first, _ := LookupStatus(211)
	class, _ := LookupEnhancedClass("2.X.X")
	subject, _ := LookupEnhancedSubject("X.0.X")
	code, _ := LookupEnhanced("X.0.0")
	for _, name := range []string{first.Name, class.Name, subject.Name, code.Name} {
		if name == "changed" {
			t.Error("a caller changed a table")
		}
	}
}

func TestLookupStatusUnknown(t *testing.T) {
	for _, code := range []int{-1, 0, 99, 199, 299, 333, 356, 399, 420, 499, 557, 599, 600, 2500} {
		if row, ok := LookupStatus(code); ok {
			t.Errorf("%d: found %+v", code, row)
		}
	}
}

func TestClassAndCategory(t *testing.T) {
	tests := []struct {
		code            int
		class, category string
	}{
		{211, "positive completion", "information"},
		{220, "positive completion", "connections"},
		{235, "positive completion", "authentication"},
		{354, "positive intermediate", "mail system"},
		{399, "positive intermediate", "unspecified"},
		{445, "transient negative", "unspecified"},
		{450, "transient negative", "mail system"},
		{503, "permanent negative", "syntax"},
		{530, "permanent negative", "authentication"},
		{150, "", ""},
		{650, "", ""},
		{0, "", ""},
		{-250, "", ""},
	}
	for _, tt := range tests {
		class, classMeaning := ClassOf(tt.code)
		category, categoryMeaning := CategoryOf(tt.code)
		if class != tt.class || category != tt.category {
			t.Errorf("%d: %q, %q; want %q, %q", tt.code, class, category, tt.class, tt.category)
		}
		if (class == "") != (classMeaning == "") || (category == "") != (categoryMeaning == "") {
			t.Errorf("%d: a name without meaning or the reverse", tt.code)
		}
	}
}

// numbers turns "X.7.26" into {7, 26}.
func numbers(t *testing.T, code string) []int {
	t.Helper()
	var subject, detail int
	if n, err := fmt.Sscanf(code, "X.%d.%d", &subject, &detail); n != 2 || err != nil {
		t.Fatalf("code %q: %v", code, err)
	}
	return []int{subject, detail}
}

func TestEnhancedStatusesAreComplete(t *testing.T) {
	rows := EnhancedStatuses()
	if len(rows) != 81 {
		t.Fatalf("%d enumerated codes, want 81", len(rows))
	}
	last := []int{-1, -1}
	for _, row := range rows {
		n := numbers(t, row.Code)
		if slices.Compare(last, n) >= 0 {
			t.Errorf("%s: out of order", row.Code)
		}
		last = n
		for _, class := range []string{"X", "x", "2", "4", "5"} {
			code := class + row.Code[1:]
			got, ok := LookupEnhanced(code)
			if !ok || got.Code != row.Code || got.RFC != row.RFC || strings.EqualFold(class, "X") && got != row {
				t.Errorf("%s: lookup gives %+v, %v", code, got, ok)
			}
			if _, ok := LookupEnhancedSubject(code); !ok {
				t.Errorf("%s: no subject", code)
			}
			if _, ok := LookupEnhancedClass(code); ok != strings.Contains("245", class) {
				t.Errorf("%s: class found: %v", code, ok)
			}
		}
	}
	rows = slices.Concat(rows, EnhancedSubjects(), EnhancedClasses())
	for _, row := range rows {
		if row.Name == "" || strings.HasSuffix(row.Name, ".") {
			t.Errorf("%s: name %q", row.Code, row.Name)
		}
		checkProse(t, row.Code, row.Meaning, row.Cause, row.Try)
		checkRFC(t, row.Code, row.RFC)
	}
}

// TestEnhancedBasicCodes checks that each reply code of an enhanced code has a row, and
// that the list ascends.
func TestEnhancedBasicCodes(t *testing.T) {
	number := regexp.MustCompile(`\b\d{3}\b`)
	for _, row := range EnhancedStatuses() {
		last := 0
		for _, s := range number.FindAllString(row.Basic, -1) {
			code, err := strconv.Atoi(s)
			if err != nil || code <= last {
				t.Errorf("%s: basic code %q", row.Code, s)
			}
			last = code
			if _, ok := LookupStatus(code); !ok {
				t.Errorf("%s: basic code %d has no row", row.Code, code)
			}
		}
	}
}

func TestEnhancedSubjectsAndClasses(t *testing.T) {
	subjects, classes := EnhancedSubjects(), EnhancedClasses()
	if len(subjects) != 8 || len(classes) != 3 {
		t.Fatalf("%d subjects and %d classes, want 8 and 3", len(subjects), len(classes))
	}
	for i, row := range subjects {
		if row.Code != fmt.Sprintf("X.%d.X", i) {
			t.Errorf("subject %d is %q", i, row.Code)
		}
		if got, ok := LookupEnhancedSubject(row.Code); !ok || got != row {
			t.Errorf("%s: lookup gives %+v, %v", row.Code, got, ok)
		}
	}
	for i, row := range classes {
		if row.Code != []string{"2.X.X", "4.X.X", "5.X.X"}[i] {
			t.Errorf("class %d is %q", i, row.Code)
		}
		if row.Basic != row.Code[:1]+"yz" {
			t.Errorf("%s: basic %q", row.Code, row.Basic)
		}
		if got, ok := LookupEnhancedClass(row.Code); !ok || got != row {
			t.Errorf("%s: lookup gives %+v, %v", row.Code, got, ok)
		}
	}
}

func TestLookupEnhancedOddInput(t *testing.T) {
	for _, code := range []string{
		"", ".", "..", "5", "5.7", "5.7.", ".7.26", "5.7.26.1", "9.9.9", "1.7.1", "3.7.1",
		"5.9.9", "5.7.99", "5.7.026", "5.07.26", "5.7.2600", " 5.7.26", "5.7.26 ", "5.-7.26",
		"5.7.+26", "5,7,26", "X.X.X", "5.7.X", "Y.7.26", "\xff.\xff.\xff",
	} {
		if row, ok := LookupEnhanced(code); ok {
			t.Errorf("%q: found %s", code, row.Code)
		}
	}
	if row, ok := LookupEnhanced("x.7.26"); !ok || row.Code != "X.7.26" {
		t.Errorf("x.7.26: %q, %v", row.Code, ok)
	}
	for _, code := range []string{"", "5.7", "9.7.1", "5.X.X", "5.8.1"} {
		if row, ok := LookupEnhancedSubject(code); ok {
			t.Errorf("subject of %q: found %s", code, row.Code)
		}
	}
	for _, code := range []string{"", "5", "9.9.9", "X.7.1", "3.X.X"} {
		if row, ok := LookupEnhancedClass(code); ok {
			t.Errorf("class of %q: found %s", code, row.Code)
		}
	}
	if row, ok := LookupEnhancedSubject("5.7.99"); !ok || row.Code != "X.7.X" {
		t.Errorf("subject of an unlisted code: %q, %v", row.Code, ok)
	}
}
