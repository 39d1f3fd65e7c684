package jsondoc

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Key is one key of a JSON object.
type Key struct {
	Path     string // after those of the enclosing objects: counts.runs, tests[].name
	Type     string // text, integer, number, true or false, list, object, time
	Optional bool   // it may be missing
	Doc      string // its meaning and unit
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
)

// Keys returns the keys of a structure and its nested structures, in order. The tag json has
// the name of a key and the tag doc its meaning. Keys returns an error that names the field
// if a tag is missing or the type is not supported.
func Keys(v any) ([]Key, error) { return keys("", reflect.TypeOf(v)) }

func keys(prefix string, t reflect.Type) ([]Key, error) {
	var all []Key
	for f := range t.Fields() {
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			inner, err := keys(prefix, f.Type)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		k := Key{Path: prefix + name, Optional: strings.Contains(options, "omit"), Doc: f.Tag.Get("doc")}
		if name == "" || k.Doc == "" {
			return nil, fmt.Errorf("field %s of %s has no tag json or no tag doc", f.Name, t)
		}
		var inside reflect.Type // the type of an object, whose keys follow
		at := k.Path + "."
		ft := f.Type
		switch {
		case ft.Kind() == reflect.Pointer:
			ft = ft.Elem()
		case ft.Kind() == reflect.Slice:
			k.Type, at = "list of ", k.Path+"[]."
			ft = ft.Elem()
		case ft.Kind() == reflect.Map:
			k.Type, at = "object of ", k.Path+".NAME."
			ft = ft.Elem()
		}
		switch kind := ft.Kind(); {
		case ft == timeType:
			k.Type += "time"
		case kind == reflect.String:
			k.Type += "text"
		case kind == reflect.Bool:
			k.Type += "true or false"
		case kind == reflect.Float64, ft.Implements(marshalerType):
			k.Type += "number"
		case kind >= reflect.Int && kind <= reflect.Uint64:
			k.Type += "integer"
		case kind == reflect.Struct:
			inside = ft
			k.Type += "object"
		default:
			return nil, fmt.Errorf("field %s of %s has the type %s", f.Name, t, f.Type)
		}
		all = append(all, k)
		if inside != nil {
			inner, err := keys(at, inside)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		}
	}
	return all, nil
}
