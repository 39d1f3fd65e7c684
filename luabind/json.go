package luabind

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"sort"

	lua "github.com/yuin/gopher-lua"
)

const maxJSONDepth = 100

var jsonFuncs = []Func{
	{
		Name: "encode", On: "json", Params: []Param{{Name: "v", Type: "any", Doc: "Strings, numbers, booleans, and tables of them."}}, Returns: "string",
		Doc:     "Writes a value as JSON. A table with elements 1 to n is an array, any other an object, with its keys in order.",
		Example: `assert(json.encode({code = 250, tags = {"a", "b"}}) == '{"code":250,"tags":["a","b"]}')`,
		call: func(c *Call) error {
			var b bytes.Buffer
			if err := encodeJSON(&b, c.arg(0), 0); err != nil {
				return err
			}
			c.pushString(b.String())
			return nil
		},
	},
	{
		Name: "decode", On: "json", Params: []Param{{Name: "s", Type: "string", Doc: "The JSON text."}}, Returns: "any",
		Doc:     "Reads JSON. null becomes nil.",
		Example: `assert(json.decode('{"status": "400"}').status == "400")`,
		call: func(c *Call) error {
			dec := json.NewDecoder(bytes.NewReader([]byte(c.str(0))))
			var v any
			err := dec.Decode(&v)
			if err == nil {
				if _, more := dec.Token(); !errors.Is(more, io.EOF) {
					err = errors.New("something follows the value")
				}
			}
			if err != nil {
				return usageError("json.decode: %v", err)
			}
			c.push(fromJSON(c.L, v))
			return nil
		},
	},
}

func encodeJSON(b *bytes.Buffer, v lua.LValue, depth int) error {
	switch v := v.(type) {
	case *lua.LNilType:
		b.WriteString("null")
	case lua.LBool:
		b.WriteString(v.String())
	case lua.LNumber:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return usageError("json.encode: JSON has no %s", v.String())
		}
		b.WriteString(v.String())
	case lua.LString:
		text, err := json.Marshal(string(v))
		if err != nil {
			return err
		}
		b.Write(text)
	case *lua.LTable:
		if depth > maxJSONDepth {
			return usageError("json.encode: the table is nested too deeply, or in itself")
		}
		return encodeTable(b, v, depth+1)
	default:
		return usageError("json.encode: a %s cannot be written as JSON", typeName(v))
	}
	return nil
}

func encodeTable(b *bytes.Buffer, t *lua.LTable, depth int) error {
	if b.Len() > maxString {
		return usageError("json.encode: the text is more than %d octets", maxString)
	}
	total := 0
	var keys []string
	var err error
	t.ForEach(func(k, _ lua.LValue) {
		total++
		if s, ok := k.(lua.LString); ok {
			keys = append(keys, string(s))
		} else if _, ok := k.(lua.LNumber); !ok {
			err = usageError("json.encode: keys must be strings, got %s", typeName(k))
		}
	})
	if err != nil {
		return err
	}
	if n := t.Len(); n > 0 && n == total {
		b.WriteByte('[')
		for i := 1; i <= n; i++ {
			if i > 1 {
				b.WriteByte(',')
			}
			if err := encodeJSON(b, t.RawGetInt(i), depth); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	if len(keys) != total {
		return usageError("json.encode: the table has numbers and names as keys, or gaps")
	}
	sort.Strings(keys)
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(k)
		if err != nil {
			return err
		}
		b.Write(append(name, ':'))
		if err := encodeJSON(b, t.RawGetString(k), depth); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func fromJSON(L *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	case []any:
		t := L.NewTable()
		for _, x := range v {
			t.Append(fromJSON(L, x))
		}
		return t
	case map[string]any:
		t := L.NewTable()
		for k, x := range v {
			t.RawSetString(k, fromJSON(L, x))
		}
		return t
	}
	return lua.LNil
}
