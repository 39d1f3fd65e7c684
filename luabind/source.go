package luabind

import (
	"bytes"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// compile makes a function of a script and stores its text.
func (vm *VM) compile(name string, src []byte) (*lua.LFunction, error) {
	proto, err := Compile(name, src)
	if err != nil {
		return nil, err
	}
	vm.sources[name] = src
	return vm.L.NewFunctionFromProto(proto), nil
}

// ParseScript parses the syntax tree of a script. The error is a [*ScriptError].
func ParseScript(name string, src []byte) ([]ast.Stmt, error) {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(src, []byte("#")) { // a #! line; its line end stays
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			i = len(src)
		}
		src = src[i:]
	}
	if len(src) > maxModule {
		return nil, &ScriptError{Name: name, Message: fmt.Sprintf("the script is larger than %d bytes", maxModule), Syntax: true}
	}
	mended, err := mendEscapes(name, src)
	if err != nil {
		return nil, err
	}
	chunk, err := parse.Parse(bytes.NewReader(mended), name)
	if err != nil {
		return nil, syntaxError(name, src, err)
	}
	if why := tooLargeTree(chunk); why != "" {
		return nil, &ScriptError{Name: name, Message: why, Syntax: true}
	}
	return chunk, nil
}

// Compile parses a script without running it. The error is a [*ScriptError].
func Compile(name string, src []byte) (*lua.FunctionProto, error) {
	proto, _, err := compileForm(name, src)
	return proto, err
}

func compileChunk(name string, chunk []ast.Stmt) (*lua.FunctionProto, error) {
	mendLoops(chunk)
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		e := &ScriptError{Name: name, Message: err.Error(), Syntax: true}
		if m := frameLine().FindStringSubmatch(err.Error()); m != nil {
			e.Message = strings.TrimSpace(err.Error()[len(m[0]):])
		}
		return nil, e
	}
	return proto, nil
}

// mendEscapes replaces \xHH in quoted strings by Lua 5.1's \DDD, which has the same length,
// so that columns stay right. \u and \z, which Lua 5.1 would silently treat as letters, are
// errors.
func mendEscapes(name string, src []byte) ([]byte, error) {
	b := bytes.Clone(src)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '-' && i+1 < len(b) && b[i+1] == '-':
			i += 2
			if end := longBracket(b, i); end > 0 {
				i = end
				continue
			}
			for i < len(b) && b[i] != '\n' {
				i++
			}
		case c == '[':
			if end := longBracket(b, i); end > 0 {
				i = end
			}
		case c == '"' || c == '\'':
			for i++; i < len(b) && b[i] != c && b[i] != '\n'; i++ {
				if b[i] != '\\' || i+1 >= len(b) {
					continue
				}
				switch b[i+1] {
				case 'x':
					if i+3 < len(b) && hexDigit(b[i+2]) >= 0 && hexDigit(b[i+3]) >= 0 {
						copy(b[i+1:], fmt.Sprintf("%03d", hexDigit(b[i+2])*16+hexDigit(b[i+3])))
					} else {
						return nil, escapeError(name, src, i, `\x takes two hexadecimal digits, as in "\x0d"`)
					}
				case 'u':
					return nil, escapeError(name, src, i, `Lua 5.1 has no \u{}: write the character itself, the file is UTF-8`)
				case 'z':
					return nil, escapeError(name, src, i, `Lua 5.1 has no \z: join strings with ..`)
				}
				i++
			}
		}
	}
	return b, nil
}

func escapeError(name string, src []byte, at int, text string) error {
	line := bytes.Count(src[:at], []byte("\n")) + 1
	return &ScriptError{
		Name: name, Line: line, Column: at - bytes.LastIndexByte(src[:at], '\n'),
		Message: text, Source: SourceLine(src, line), Syntax: true,
	}
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

// longBracket returns the index of the last byte of [==[ ... ]==] beginning at i,
// or 0.
func longBracket(b []byte, i int) int {
	if i >= len(b) || b[i] != '[' {
		return 0
	}
	j := i + 1
	for j < len(b) && b[j] == '=' {
		j++
	}
	if j >= len(b) || b[j] != '[' {
		return 0
	}
	end := "]" + string(b[i+1:j]) + "]"
	if k := bytes.Index(b[j:], []byte(end)); k >= 0 {
		return j + k + len(end) - 1
	}
	return len(b) - 1
}
