package jsonmod

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strings"
	"unicode/utf8"

	"smtpsh/luabind"

	lua "github.com/yuin/gopher-lua"
)

const maxJSONDepth = 100

var jsonFuncs = []luabind.Func{
	{
		Name: "encode", On: "json",
		Params:  []luabind.Param{{Name: "v", Type: "any", Large: true, Doc: "Strings, numbers, booleans, and tables of them."}},
		Returns: "string",
		Doc:     "Returns a value as JSON. A table with elements 1 to n becomes an array, any other an object with sorted keys.",
		Example: `assert(json.encode({code = 250, tags = {"a", "b"}}) == '{"code":250,"tags":["a","b"]}')`,
		Call: func(c *luabind.Call) error {
			w := &jsonWriter{m: c.Meter()}
			if err := w.value(c.Arg(0), 0); err != nil {
				return err
			}
			c.PushText(w.b.String())
			return nil
		},
	},
	{
		Name: "decode", On: "json", Params: []luabind.Param{{Name: "s", Type: "string", Large: true, Doc: "The JSON text."}}, Returns: "any",
		Doc:     "Parses JSON. null becomes nil.",
		Example: `assert(json.decode('{"status": "400"}').status == "400")`,
		Call: func(c *luabind.Call) error {
			if len(c.Text(0)) > maxJSON {
				return luabind.UsageError("json.decode: the text has %d bytes, and %d can be read", len(c.Text(0)), maxJSON)
			}
			r := &jsonReader{dec: json.NewDecoder(strings.NewReader(c.Text(0))), L: c.L, m: c.Meter()}
			v, err := r.document()
			if err != nil {
				return luabind.UsageError("json.decode: %v", err)
			}
			c.Push(v)
			return nil
		},
	},
}

// maxJSON limits the bytes of JSON that are read, and maxJSONValues the number of values.
const (
	maxJSON       = 16 << 20
	maxJSONValues = 1 << 20
)

// jsonWriter writes one value as JSON, at most maxString bytes.
type jsonWriter struct {
	b bytes.Buffer
	m *luabind.Meter
}

func (w *jsonWriter) value(v lua.LValue, depth int) error {
	if err := w.m.Add(4); err != nil {
		return err
	}
	if w.b.Len() > luabind.MaxString {
		return luabind.TooLong("json.encode")
	}
	switch v := v.(type) {
	case *lua.LNilType:
		w.b.WriteString("null")
	case lua.LBool:
		w.b.WriteString(v.String())
	case lua.LNumber:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return luabind.UsageError("json.encode: JSON has no %s", v.String())
		}
		w.b.WriteString(v.String())
	case lua.LString:
		return w.text(string(v))
	case *lua.LTable:
		if depth > maxJSONDepth {
			return luabind.UsageError("json.encode: the table is nested too deeply, or in itself")
		}
		return w.table(v, depth+1)
	default:
		return luabind.UsageError("json.encode: a %s cannot be written as JSON", luabind.TypeName(v))
	}
	return nil
}

// textPiece is the number of bytes that are escaped at once; each can become six bytes.
const textPiece = 64 << 10

func (w *jsonWriter) text(s string) error {
	w.b.WriteByte('"')
	for s != "" {
		n := min(len(s), textPiece)
		for n < len(s) && n > textPiece-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n-- // do not split a character
		}
		piece, err := json.Marshal(s[:n])
		if err != nil {
			return err
		}
		w.b.Write(piece[1 : len(piece)-1])
		if w.b.Len() > luabind.MaxString {
			return luabind.TooLong("json.encode")
		}
		if err := w.m.Add(n); err != nil {
			return err
		}
		s = s[n:]
	}
	w.b.WriteByte('"')
	return nil
}

func (w *jsonWriter) table(t *lua.LTable, depth int) error {
	total := 0
	var keys []string
	var err error
	t.ForEach(func(k, _ lua.LValue) {
		total++
		if s, ok := k.(lua.LString); ok {
			keys = append(keys, string(s))
		} else if _, ok := k.(lua.LNumber); !ok {
			err = luabind.UsageError("json.encode: keys must be strings, got %s", luabind.TypeName(k))
		}
	})
	if err == nil {
		err = w.m.Add(total)
	}
	if err != nil {
		return err
	}
	if n := t.Len(); n > 0 && n == total {
		w.b.WriteByte('[')
		for i := 1; i <= n; i++ {
			if i > 1 {
				w.b.WriteByte(',')
			}
			if err := w.value(t.RawGetInt(i), depth); err != nil {
				return err
			}
		}
		w.b.WriteByte(']')
		return nil
	}
	if len(keys) != total {
		return luabind.UsageError("json.encode: the table has numbers and names as keys, or gaps")
	}
	sort.Strings(keys)
	w.b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			w.b.WriteByte(',')
		}
		if err := w.text(k); err != nil {
			return err
		}
		w.b.WriteByte(':')
		if err := w.value(t.RawGetString(k), depth); err != nil {
			return err
		}
	}
	w.b.WriteByte('}')
	return nil
}

// jsonReader makes Lua values of JSON, at most maxJSONValues.
type jsonReader struct {
	dec *json.Decoder
	L   *lua.LState
	m   *luabind.Meter
	n   int
}

// document reads one value. Nothing may follow it.
func (r *jsonReader) document() (lua.LValue, error) {
	v, err := r.value(0)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return lua.LNil, err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return lua.LNil, errors.New("something follows the value")
	}
	return v, nil
}

func (r *jsonReader) value(depth int) (lua.LValue, error) {
	tok, err := r.token()
	if err != nil {
		return lua.LNil, err
	}
	return r.after(tok, depth)
}

func (r *jsonReader) token() (json.Token, error) {
	if r.n++; r.n > maxJSONValues {
		return nil, fmt.Errorf("there are more than %d values", maxJSONValues)
	}
	if err := r.m.Add(10); err != nil {
		return nil, err
	}
	return r.dec.Token()
}

// after returns the value that begins with a token.
func (r *jsonReader) after(tok json.Token, depth int) (lua.LValue, error) {
	switch tok := tok.(type) {
	case string:
		return lua.LString(tok), nil
	case float64:
		return lua.LNumber(tok), nil
	case bool:
		return lua.LBool(tok), nil
	case json.Delim:
		if depth > maxJSONDepth {
			return lua.LNil, fmt.Errorf("it is nested more than %d deep", maxJSONDepth)
		}
		if tok == '[' {
			return r.array(depth + 1)
		}
		return r.object(depth + 1)
	}
	return lua.LNil, nil
}

func (r *jsonReader) array(depth int) (lua.LValue, error) {
	t := r.L.NewTable()
	for {
		tok, err := r.token()
		if err != nil || tok == json.Delim(']') {
			return t, err
		}
		v, err := r.after(tok, depth)
		if err != nil {
			return t, err
		}
		t.Append(v)
	}
}

func (r *jsonReader) object(depth int) (lua.LValue, error) {
	t := r.L.NewTable()
	for {
		tok, err := r.token()
		if err != nil || tok == json.Delim('}') {
			return t, err
		}
		v, err := r.value(depth)
		if err != nil {
			return t, err
		}
		t.RawSetString(tok.(string), v)
	}
}
