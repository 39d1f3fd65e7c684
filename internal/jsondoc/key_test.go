package jsondoc_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/jsondoc"
)

type inner struct {
	A int `json:"a" doc:"an a"`
}

type Embedded struct {
	E bool `json:"e" doc:"an e"`
}

// Every kind of field has a row; unexported fields have none.
func TestKeys(t *testing.T) {
	type all struct {
		Text  string           `json:"text" doc:"a text"`
		Float *float64         `json:"float,omitempty" doc:"a float"`
		When  time.Time        `json:"when,omitzero" doc:"a time"`
		In    inner            `json:"in" doc:"an object"`
		List  []inner          `json:"list" doc:"a list"`
		Map   map[string]inner `json:"map" doc:"a map"`
		Words []string         `json:"words" doc:"words"`
		Embedded
		hidden int
	}
	got, err := jsondoc.Keys(all{hidden: 1})
	want := []jsondoc.Key{
		{"text", "text", false, "a text"},
		{"float", "number", true, "a float"},
		{"when", "time", true, "a time"},
		{"in", "object", false, "an object"}, {"in.a", "integer", false, "an a"},
		{"list", "list of object", false, "a list"}, {"list[].a", "integer", false, "an a"},
		{"map", "object of object", false, "a map"}, {"map.NAME.a", "integer", false, "an a"},
		{"words", "list of text", false, "words"},
		{"e", "true or false", false, "an e"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%v\nwant\n%v", err, got, want)
	}
	for name, v := range map[string]any{
		"no tag json": struct{ A int }{},
		"no tag doc": struct {
			A int `json:"a"`
		}{},
		"the type func()": struct {
			A func() `json:"a" doc:"a"`
		}{},
	} {
		if _, err := jsondoc.Keys(v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
